import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stableText } from './document-text.ts'
import { equal } from './equal.ts'

it('goes by what is there, not by its order', () => {
  expect(equal({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true)
  expect(equal({ a: 1, b: undefined }, { a: 1 })).toBe(true)
  expect(equal({ a: undefined }, { b: 1 })).toBe(false)
  expect(equal({ constructor: 1 }, {})).toBe(false)
  expect(equal([1], { 0: 1 })).toBe(false)
  expect(equal({}, null)).toBe(false)
})

it('says what the texts say', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      expect(equal(a, b)).toBe(stableText(a) === stableText(b))
      expect(equal(a, structuredClone(a))).toBe(true)
    }),
  )
})
