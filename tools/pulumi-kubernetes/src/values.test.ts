import { expect, test } from 'vitest'
import { equal, hasUnknown, rewrap, secret, unknownValue, unwrap, type Value } from './values.ts'

test('marks again what was marked, by the keys that led to it', () => {
  const marked: Value = { data: { a: secret('x'), b: 'y' }, list: ['p', secret('q')] }
  const plain = unwrap(marked)
  expect(plain).toEqual({ data: { a: 'x', b: 'y' }, list: ['p', 'q'] })
  expect(rewrap({ data: { a: 'new', c: 'z' }, list: ['q'], more: 1 }, marked)).toEqual({
    data: { a: secret('new'), c: 'z' },
    list: secret(['q']),
    more: 1,
  })
})

test('marks nothing twice', () => {
  expect(secret(secret('x'))).toEqual(secret('x'))
  expect(unwrap(secret({ a: secret('x') }))).toEqual({ a: 'x' })
})

test('finds what is not known yet at any depth', () => {
  expect(hasUnknown({ a: [{ b: unknownValue }] })).toBe(true)
  expect(hasUnknown({ a: [{ b: 'known' }] })).toBe(false)
  expect(hasUnknown(undefined)).toBe(false)
})

test('compares without the order of keys', () => {
  expect(equal({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true)
  expect(equal({ a: 1 }, { a: 1, b: undefined as never })).toBe(false)
  expect(equal([1], { 0: 1 })).toBe(false)
})
