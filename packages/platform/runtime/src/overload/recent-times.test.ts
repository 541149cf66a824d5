import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecentTimes } from './recent-times.ts'

it('knows nothing at first', () => {
  const times = new RecentTimes()
  expect([times.medianMs, times.meanMs]).toEqual([0, 0])
})

it('has a median that at least half of the last times are beside', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 300 }),
      (all) => {
        const times = new RecentTimes()
        for (const time of all) times.add(time)
        const last = all.slice(-64)
        expect(last.filter((time) => time <= times.medianMs).length * 2).toBeGreaterThanOrEqual(last.length)
        expect(last.filter((time) => time >= times.medianMs).length * 2).toBeGreaterThanOrEqual(last.length)
      },
    ),
  )
})

it('follows a change of the times', () => {
  const times = new RecentTimes()
  for (let count = 0; count < 100; count += 1) times.add(10)
  expect(times.medianMs).toBe(10)
  for (let count = 0; count < 64; count += 1) times.add(50)
  expect(times.medianMs).toBe(50)
  expect(times.meanMs).toBeGreaterThan(30)
})
