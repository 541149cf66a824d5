/** Where a text stops being JSON. */
export interface JsonPosition {
  /** Of the first character or word that cannot be there; the length of the text when it only ends too early. */
  readonly position: number
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

const space = /[ \t\n\r]*/y
const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const escaped = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y

/** Finds where a text that `JSON.parse` refuses goes wrong, which V8's messages say only sometimes. */
export function jsonErrorAt(text: string): JsonPosition {
  const position = scan(text)
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return { position, line, column: position - before.lastIndexOf('\n') }
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end'

function scan(text: string): number {
  // The closing bracket of each open object or array; a list, because nesting may be deeper than the call stack.
  const open: ('}' | ']')[] = []
  let expected: Expected = 'value'
  let at = after(space, text, 0)
  while (at < text.length) {
    const character = text[at]!
    const closing = open.at(-1)
    if (character === closing && (expected === 'comma or end' || expected.endsWith(character))) {
      open.pop()
      expected = 'comma or end'
      at++
    } else if (expected === 'comma or end') {
      if (character !== ',' || closing === undefined) return at
      expected = closing === '}' ? 'key' : 'value'
      at++
    } else if (expected === 'colon') {
      if (character !== ':') return at
      expected = 'value'
      at++
    } else if (character === '"') {
      const end = stringEnd(text, at)
      if (end.wrong) return end.at
      expected = expected.startsWith('key') ? 'colon' : 'comma or end'
      at = end.at
    } else if (expected.startsWith('key')) return at
    else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']')
      expected = character === '{' ? 'key or }' : 'value or ]'
      at++
    } else {
      const end = after(word, text, at)
      if (end === at) return at
      expected = 'comma or end'
      at = end
    }
    at = after(space, text, at)
  }
  return at
}

function stringEnd(text: string, start: number): { readonly wrong: boolean; readonly at: number } {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') return { wrong: false, at: at + 1 }
    if (character < ' ') return { wrong: true, at }
    if (character !== '\\') continue
    const end = after(escaped, text, at + 1)
    if (end === at + 1) return { wrong: true, at: at + 1 }
    at = end - 1
  }
  return { wrong: true, at: text.length }
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
