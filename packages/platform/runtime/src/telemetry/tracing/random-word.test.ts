import { expect, test } from 'vitest'
import { randomWord } from './random-word.ts'

test('words are uint32s whose every bit is set half of the time', () => {
  const count = 100_000
  const set = new Array(32).fill(0)
  const seen = new Set<number>()
  for (let index = 0; index < count; index += 1) {
    const word = randomWord()
    expect(word >>> 0).toBe(word)
    seen.add(word)
    for (let bit = 0; bit < 32; bit += 1) set[bit] += (word >>> bit) & 1
  }
  // Ten standard deviations; by chance about one of these words comes twice.
  for (const ones of set) expect(Math.abs(ones / count - 0.5)).toBeLessThan(0.016)
  expect(seen.size).toBeGreaterThan(count - 30)
})
