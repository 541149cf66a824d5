import { expect, it } from 'vitest'
import { jsonText } from './json-text.ts'

it('writes JSON that reads back as it was', () => {
  const value = { a: [1, 'x", "y', null, [2], { b: [] }], c: {}, d: '"', e: [true, false], f: { g: 'h' } }
  expect(JSON.parse(jsonText(value))).toEqual(value)
})

it('keeps short lists on a line and breaks long ones', () => {
  expect(jsonText({ visibility: ['team:web', 'public'] })).toBe(
    '{\n  "visibility": ["team:web", "public"]\n}\n',
  )
  const long = Array.from({ length: 20 }, (_, index) => `package-${index}`)
  expect(jsonText({ long })).toContain('[\n    "package-0",\n')
})

it('leaves out what is undefined, as JSON.stringify does', () => {
  expect(jsonText({ a: undefined, b: 1 })).toBe('{\n  "b": 1\n}\n')
})
