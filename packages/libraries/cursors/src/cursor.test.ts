import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { cursorOf, moment, word } from './cursor.ts'

const cursors = cursorOf(z.object({ at: z.int(), name: z.string() }))

test('every position comes back, and fits into a query as it is', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), (at, name) => {
      const cursor = cursors.write({ at, name })
      expect(encodeURIComponent(cursor)).toBe(cursor)
      expect(cursors.read(cursor)).toEqual({ at, name })
    }),
  )
})

test('the first page has none', () => expect(cursors.read(undefined)).toBeUndefined())

test.each(['', 'x', 'bnVsbA', cursorOf(z.string()).write('of another listing')])('refuses %j', (cursor) => {
  expect(() => cursors.read(cursor)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
})

test('refuses what would be an error of the database', () => {
  const positions = cursorOf(z.object({ at: moment, id: word }))
  const good = { at: '2026-11-25T12:00:00.000Z', id: 'a' }
  expect(positions.read(positions.write(good))).toEqual(good)
  for (const bad of [
    { ...good, at: '0000-01-01T00:00:00Z' },
    { ...good, id: 'a\0' },
  ])
    expect(() => positions.read(positions.write(bad))).toThrow(/none of this listing/)
})
