import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, ratioOfMedians } from './statistics.ts'

const positive = fc.double({ min: 0.001, max: 1000, noNaN: true })

test('the median leaves as many values below as above', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1 }), (values) => {
      const middle = median(values)
      const below = values.filter((value) => value < middle).length
      const above = values.filter((value) => value > middle).length
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
    }),
  )
})

test('an interval holds the ratio and is the same every time', () => {
  const rounds = fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(rounds, (pairs) => {
      const [a, b] = [pairs.map(([left]) => left), pairs.map(([, right]) => right)]
      const ratio = ratioOfMedians(a, b)
      expect(ratio.low).toBeLessThanOrEqual(ratio.value * (1 + 1e-9))
      expect(ratio.high).toBeGreaterThanOrEqual(ratio.value * (1 - 1e-9))
      expect(ratioOfMedians(a, b)).toEqual(ratio)
    }),
    { numRuns: 20 },
  )
})

test('a slow round that slows both sides does not widen the interval', () => {
  const a = [1, 1, 10, 1, 5, 1, 7]
  expect(
    ratioOfMedians(
      a.map((value) => 2 * value),
      a,
    ),
  ).toEqual({ value: 2, low: 2, high: 2 })
})

test('refuses sides of different rounds', () => {
  expect(() => ratioOfMedians([1, 2], [1])).toThrow('not 2 and 1')
})
