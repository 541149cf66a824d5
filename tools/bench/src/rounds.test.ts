import { expect, test } from 'vitest'
import { interleave, series } from './rounds.ts'

test('measures each case once a round, and starts each round with another', async () => {
  const order: string[] = []
  const cases = ['a', 'b', 'c'].map((name) => ({
    name,
    measure: async () => order.push(name),
  }))
  const progress: string[] = []
  const samples = await interleave(cases, 3, (text) => progress.push(text))
  expect(order.join('')).toBe('abcbcacab')
  expect(series(samples, 'a', (measured) => measured)).toEqual([1, 6, 8])
  expect(samples[3]).toEqual({ case: 'b', round: 2, measured: 4 })
  expect(progress[0]).toBe('round 1 of 3: a')
})

test('measures a case only in as many rounds as it has', async () => {
  const order: string[] = []
  const cases = ['a', 'b'].map((name) => ({
    name,
    ...(name === 'b' && { rounds: 1 }),
    measure: async () => order.push(name),
  }))
  const samples = await interleave(cases, 3, () => {})
  expect(order.join('')).toBe('abaa')
  expect(samples.map(({ round }) => round)).toEqual([1, 1, 2, 3])
})
