import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonErrorAt } from './json-position.ts'

describe('the position of an error in JSON', () => {
  it.each([
    ['', 0],
    ['{"a": x}', 6],
    ['{"a": 1,}', 8],
    ['{"a": 1', 7],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ['[1, 2', 5],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['"open', 5],
    ['"bad \\x escape"', 6],
    ['"a\nb"', 2],
    ['01', 1],
    ['1 2', 2],
    ['nul', 0],
    ['{"a":1}}', 7],
    ['\ufeff{}', 0],
    ["{'a':1}", 1],
  ])('of %j is %d', (text, position) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonErrorAt(text).position).toBe(position)
  })

  it('has a line and a column', () => {
    expect(jsonErrorAt('{\n  "a": 1,\n  b: 2\n}')).toEqual({ position: 14, line: 3, column: 3 })
  })

  it('is behind what can begin JSON, and before what cannot', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '.5',
      'true',
      ' ',
      '\\',
      'e',
    )
    const text = fc.oneof(
      fc.json(),
      fc.array(fragment, { maxLength: 12 }).map((all) => all.join('')),
      fc.tuple(fc.json(), fc.nat(), fragment).map(([json, at, more]) => {
        const where = at % (json.length + 1)
        return json.slice(0, where) + more + json.slice(where)
      }),
    )
    fc.assert(
      fc.property(text, (given) => {
        const { position } = jsonErrorAt(given)
        if (isJson(given)) expect(position).toBe(given.length)
        else {
          expect(canBegin(given.slice(0, position))).toBe(true)
          // A word is named by its beginning, though it may only lack its end.
          const word = /^[-\w.]+$/.test(given.slice(position))
          if (position < given.length && !word) expect(canBegin(given)).toBe(false)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['deep nesting', '['.repeat(1_000_000)],
    ['a long string', `"${'a'.repeat(4_000_000)}`],
    ['a long number', `${'1'.repeat(4_000_000)}x`],
  ])('is found in %s', (_name, text) => {
    expect(jsonErrorAt(text).position).toBe(text.endsWith('x') ? text.length - 1 : text.length)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether more text could make it JSON. */
function canBegin(text: string): boolean {
  let open = text.replaceAll(/"(?:[^"\\]|\\.)*"?/g, '').replaceAll(/[^[\]{}]/g, '')
  while (/\[\]|\{\}/.test(open)) open = open.replaceAll(/\[\]|\{\}/g, '')
  const closing = [...open].reverse().map((bracket) => (bracket === '[' ? ']' : '}'))
  const values = ['', '1', '"', '":1', ':1', '"":1', 'n"', 'n":1', '""']
  return values.some((value) => isJson(text + value + closing.join('')))
}
