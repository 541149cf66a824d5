import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson, readWrittenJson } from './json-text.ts'

describe('JSON text', () => {
  it.each([
    {
      name: 'a missing comma',
      text: '{\n  "a": 1\n  "b": 2\n}',
      at: 'line 3, column 3',
      remedy: /no trailing commas/,
    },
    { name: 'a trailing comma', text: '{\n  "a": 1,\n}', at: 'line 3, column 1', remedy: /remove the comma/ },
    { name: 'a comment', text: '// x\n{}', at: 'line 1, column 1', remedy: /remove the comment/ },
    { name: 'single quotes', text: "{'a': 1}", at: 'line 1, column 2', remedy: /double quotes/ },
    { name: 'a word', text: '{ "a": yes }', at: 'line 1, column 8', remedy: /correct it/ },
    { name: 'an end too early', text: '{\n  "a": {', at: 'line 2, column 9', remedy: /correct it/ },
    { name: 'nothing', text: '', at: 'line 1, column 1', remedy: /the file is empty/ },
    { name: 'a byte order mark', text: '\uFEFF{}', at: 'line 1, column 1', remedy: /byte order mark/ },
    { name: 'a line break in a string', text: '{"a": "x\ny"}', at: 'line 1, column 9', remedy: /correct it/ },
  ])('with $name is a finding with line and column', ({ text, at, remedy }) => {
    const { ok, findings } = readJson(text, 'servlet.json')
    expect(ok).toBe(false)
    expect(findings).toEqual([
      {
        rule: 'json/syntax',
        severity: 'error',
        file: 'servlet.json',
        path: at,
        message: expect.stringMatching(`^is not JSON at ${at}: `),
        remedy: expect.stringMatching(remedy),
      },
    ])
  })

  it('is parsed exactly when JSON.parse parses it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => text.slice(0, -1)),
        ),
        (text) => {
          expect(readJson(text, 'f').ok).toBe(parses(text))
        },
      ),
    )
  })

  it('that a person wrote may not give a key twice', () => {
    expect(readWrittenJson('{ "a": 1,\n "b": [{ "c": 1, "c": 2 }],\n "a": 3 }', 'f').findings).toMatchObject([
      { rule: 'json/duplicate-key', path: 'b.0.c' },
      { rule: 'json/duplicate-key', path: 'a', message: expect.stringContaining('on line 1 and on line 3') },
    ])
  })

  it('that a person wrote may not hold __proto__, which would vanish', () => {
    expect(readWrittenJson('{ "config": { "__proto__": 1 } }', 'f').findings).toMatchObject([
      { rule: 'json/unsafe-key', path: 'config.__proto__' },
    ])
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
