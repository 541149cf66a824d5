import { expect, it } from 'vitest'
import { sinceMs } from './since.ts'

it.each([
  ['30s', 970_000],
  ['10m', 400_000],
  ['0.5m', 970_000],
  ['1970-01-01T00:00:01Z', 1000],
])('understands %s', (text, ms) => {
  expect(sinceMs(text, 1_000_000)).toBe(ms)
})

it.each(['', '10', '10 minutes', 'yesterday', '-5m', '2026-99-99'])('refuses %s', (text) => {
  expect(() => sinceMs(text, 0)).toThrow(/neither so long ago/)
})
