import { parse, type ValueNode } from '@humanwhocodes/momoa'
import { errorFinding, type Finding, type Parsed } from './finding.ts'

/** Parses JSON that a program wrote. A syntax error is a finding with its line and column. */
export function readJson(text: string, file: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text), findings: [] }
  } catch (error) {
    return { ok: false, findings: [syntaxFinding(text, file, (error as SyntaxError).message)] }
  }
}

/**
 * Parses JSON that a person wrote: a key given twice and a key that JavaScript gives a meaning of its own are findings
 * too, because `JSON.parse` would drop the one and zod the other without a word.
 */
export function readWrittenJson(text: string, file: string): Parsed<unknown> {
  const parsed = readJson(text, file)
  if (!parsed.ok) return parsed
  const findings: Finding[] = []
  visit(parse(text, { mode: 'json' }).body, [], (path, problem) =>
    findings.push(keyFinding(file, path, problem)),
  )
  return findings.length === 0 ? parsed : { ok: false, findings }
}

function visit(
  node: ValueNode,
  path: readonly string[],
  report: (path: string[], problem: KeyProblem) => void,
) {
  if (node.type === 'Array')
    for (const [index, item] of node.elements.entries()) visit(item.value, [...path, String(index)], report)
  if (node.type !== 'Object') return
  const seen = new Map<string, number>()
  for (const { name, value } of node.members) {
    const key = name.type === 'String' ? name.value : name.name
    const at = [...path, key]
    const first = seen.get(key)
    if (first !== undefined) report(at, { kind: 'twice', line: name.loc.start.line, first })
    else seen.set(key, name.loc.start.line)
    if (key === '__proto__') report(at, { kind: 'unsafe', line: name.loc.start.line })
    visit(value, at, report)
  }
}

type KeyProblem =
  | { readonly kind: 'twice'; readonly line: number; readonly first: number }
  | { readonly kind: 'unsafe'; readonly line: number }

function keyFinding(file: string, at: readonly string[], problem: KeyProblem): Finding {
  const path = at.join('.')
  const key = at.at(-1)
  return problem.kind === 'twice'
    ? errorFinding({
        rule: 'json/duplicate-key',
        file,
        path,
        message: `'${key}' is given twice, on line ${problem.first} and on line ${problem.line}; only the last would count`,
        remedy: 'remove one of them',
      })
    : errorFinding({
        rule: 'json/unsafe-key',
        file,
        path,
        message: `'${key}' on line ${problem.line} is a name that JavaScript objects keep for themselves`,
        remedy: 'use another name',
      })
}

/** V8 says best what it expected, but not always where; momoa says where, but not at the end of the text. */
function syntaxFinding(text: string, file: string, said: string): Finding {
  const expected =
    /^(.*?)(?: in JSON)?(?: at position \d+.*|, .* is not valid JSON)?$/s.exec(said)?.[1] ?? said
  const { line, column } = positionAt(text, offsetOf(text, said))
  return errorFinding({
    rule: 'json/syntax',
    file,
    path: `line ${line}, column ${column}`,
    message: `is not JSON at line ${line}, column ${column}: ${expected.charAt(0).toLowerCase()}${expected.slice(1)}`,
    remedy: remedyFor(text, said),
  })
}

function offsetOf(text: string, said: string): number {
  const position = /at position (\d+)/.exec(said)?.[1]
  if (position !== undefined) return Number(position)
  if (/end of JSON input/.test(said)) return text.length
  try {
    parse(text, { mode: 'json' })
  } catch (error) {
    const { offset } = error as { offset?: number }
    if (offset !== undefined) return offset
  }
  return 0
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

function remedyFor(text: string, said: string): string {
  if (text.startsWith('\uFEFF')) return 'save it as UTF-8 without a byte order mark'
  if (text.trim() === '') return 'the file is empty; write at least {}'
  if (/double-quoted property name/.test(said))
    return `remove the comma before the '}', or write the name in double quotes`
  if (/Unexpected token '\/'/.test(said)) return 'remove the comment; JSON has none'
  return 'correct it; JSON has no comments, no trailing commas and double quotes only'
}
