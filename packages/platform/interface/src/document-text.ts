import type * as z from 'zod'
import { type InterfaceDocument, InterfaceDocumentSchema } from './document.ts'
import { checkDocument } from './document-check.ts'
import type { InterfaceProblem } from './problem.ts'
import { byCodeUnits } from './records.ts'

/** Top-level and endpoint fields, in the order of reading; every other object is sorted by key. */
const documentOrder = ['format', 'name', 'endpoints', 'mounts', 'calls', 'schemas', 'protobuf']
const endpointOrder = [
  'route',
  'access',
  'description',
  'idempotent',
  'deprecated',
  'grpc',
  'input',
  'body',
  'output',
  'errors',
]

/** The same document with its keys in the one canonical order. */
export function canonical(document: InterfaceDocument): InterfaceDocument {
  return inOrder(document, documentOrder, (value, key) =>
    key === 'endpoints'
      ? inOrder(value, [], (endpoint) => inOrder(endpoint, endpointOrder, (part) => sorted(part)))
      : sorted(value),
  ) as InterfaceDocument
}

/** The text of `interface.json`: one document has one text, and reading it back gives the same document. */
export function stringifyInterface(document: InterfaceDocument): string {
  return `${JSON.stringify(canonical(document), null, 2)}\n`
}

/** A text that is the same for values that differ in the order of their keys only. */
export function stableText(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** What {@link parseInterfaceDocument} returns. */
export type ParsedInterface =
  | { readonly ok: true; readonly value: InterfaceDocument }
  | { readonly ok: false; readonly problems: readonly InterfaceProblem[] }

const restore = 'take the file from the main branch and generate it again'

/**
 * Reads an interface document. A text that a merge or an editor has damaged is refused with everything that is wrong
 * with it, because numbers taken from it could change what fields mean on the wire. Never throws.
 */
export function parseInterfaceDocument(text: string): ParsedInterface {
  const lines = text.split('\n')
  const conflict = lines.findIndex((line) => /^(<{7}|\|{7}|={7}|>{7})(\s|$)/.test(line))
  if (conflict >= 0)
    return refused('interface/conflict', `line ${conflict + 1}`, 'has the conflict markers of a merge')
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    return refused('interface/syntax', '', `is not JSON: ${(error as Error).message}`)
  }
  const format = typeof data === 'object' && data !== null && 'format' in data ? data.format : undefined
  if (typeof format === 'number' && format > 1)
    return refused(
      'interface/format',
      'format',
      `is format ${format}, and this version of Atlas reads format 1`,
      'update the @atlas packages',
    )
  const odd = oddityOf(data)
  if (odd !== undefined) return refused('interface/shape', '', odd)
  const parsed = InterfaceDocumentSchema.safeParse(data)
  if (!parsed.success)
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => ({
        rule: 'interface/shape',
        path: pathOf(issue.path),
        message: sentence(issue),
        remedy: restore,
      })),
    }
  const problems = checkDocument(parsed.data).map((problem) => ({ ...problem, remedy: restore }))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: parsed.data }
}

/** What follows goes through documents by functions that call themselves. */
const mostNested = 600

/** What no contract has, and what would be lost or never end on the way through what follows. */
function oddityOf(value: unknown): string | undefined {
  const pending: [value: unknown, depth: number][] = [[value, 0]]
  for (let each = pending.pop(); each; each = pending.pop()) {
    const [part, depth] = each
    if (typeof part !== 'object' || part === null) continue
    if (depth > mostNested) return `is nested deeper than ${mostNested} levels`
    if (Object.hasOwn(part, '__proto__')) return "names something '__proto__', as no contract can"
    for (const inner of Object.values(part)) pending.push([inner, depth + 1])
  }
  return undefined
}

function refused(rule: string, path: string, message: string, remedy = restore): ParsedInterface {
  return { ok: false, problems: [{ rule, path, message, remedy }] }
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

function sentence(issue: z.core.$ZodIssue): string {
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
}

function inOrder(
  value: unknown,
  order: readonly string[],
  change: (value: unknown, key: string) => unknown,
): unknown {
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length)
  const entries = Object.entries(value as object).filter(([, part]) => part !== undefined)
  entries.sort(([a], [b]) => rank(a) - rank(b) || byCodeUnits(a, b))
  return Object.fromEntries(entries.map(([key, part]) => [key, change(part, key)]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return inOrder(value, [], sorted)
}
