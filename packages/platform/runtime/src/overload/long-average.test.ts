import { expect, it } from 'vitest'
import { LongAverage } from './long-average.ts'

it('averages the first ten evenly, then forgets slowly (the vectors of ExpAvgMeasurementTest)', () => {
  const average = new LongAverage(100)
  const seen = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((sample) => {
    average.add(sample)
    return average.value
  })
  expect(seen).toEqual([10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5])
  average.add(100)
  expect(average.value).toBeCloseTo(16.2, 1)
})

it('forgets what it knew when it restarts, and does not average evenly again', () => {
  const average = new LongAverage(99)
  average.add(1000)
  average.restart(10)
  average.add(60)
  expect(average.value).toBeCloseTo(11)
  expect(average.empty).toBe(false)
})
