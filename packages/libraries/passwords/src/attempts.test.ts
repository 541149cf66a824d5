import { expect, test } from 'vitest'
import { limitAttempts } from './attempts.ts'

test('lets some attempts through, then says how long to wait', () => {
  let now = 0
  const attempts = limitAttempts({ attempts: 2, windowMs: 60_000, now: () => now })
  expect([attempts.begin('a'), attempts.begin('a'), attempts.begin('a')]).toEqual([0, 0, 60])
  now = 59_500
  expect(attempts.begin('a')).toBe(1)
  now = 60_000
  expect(attempts.begin('a')).toBe(0)
})

test('counts each key alone, and anew after a success', () => {
  const attempts = limitAttempts({ attempts: 1 })
  attempts.begin('a')
  expect(attempts.begin('b')).toBe(0)
  expect(attempts.begin('a')).toBeGreaterThan(0)
  attempts.forget('a')
  expect(attempts.begin('a')).toBe(0)
})

test('remembers a bounded number of keys, and forgets the oldest window first', () => {
  let now = 0
  const attempts = limitAttempts({ attempts: 1, keys: 2, windowMs: 10, now: () => now })
  attempts.begin('a')
  now = 1
  attempts.begin('b')
  now = 10
  attempts.begin('a') // in a new window, so that the one of b is the oldest
  attempts.begin('c')
  expect(attempts.begin('a')).toBeGreaterThan(0)
  expect(attempts.begin('c')).toBeGreaterThan(0)
  expect(attempts.begin('b')).toBe(0)
})
