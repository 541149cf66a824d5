import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GradientLimit, type GradientLimitOptions } from './gradient-limit.ts'
import { seeded } from './testing/random.ts'

interface Load {
  readonly busyMs: number
  /** @default as many as the limit allows */
  readonly inFlight?: number
  /** Which share of the requests time out. @default 0 */
  readonly timedOut?: number
}

/** A limit under a load that can be changed, with a clock of its own. */
function limitUnder(options: GradientLimitOptions = {}) {
  const limit = new GradientLimit({ random: () => 0.5, ...options })
  let now = 0
  return {
    limit,
    /** About ten samples make a window. */
    feed({ busyMs, inFlight, timedOut = 0 }: Load, windows = 1): number {
      for (let count = 0; count < windows * 10; count += 1) {
        now += Math.max(100, 2 * busyMs) / 10
        const isTimedOut = (count % 10) / 10 < timedOut
        limit.sample(now - busyMs, now, busyMs, inFlight ?? limit.current, isTimedOut)
      }
      return limit.current
    },
    tick(afterMs: number): void {
      now += afterMs
      limit.tick(now)
    },
  }
}

describe('as Gradient2', () => {
  it('begins with the initial limit', () => {
    expect(new GradientLimit().current).toBe(20)
    expect(new GradientLimit({ initial: 7 }).current).toBe(7)
  })

  it.each([{ min: 0 }, { min: 30 }, { max: 10 }, { min: 5, initial: 4 }])(
    'refuses bounds that no limit fits: %j',
    (options) => {
      expect(() => new GradientLimit(options)).toThrow(/1 <= min <= initial <= max/)
    },
  )

  it('grows while times are as usual', () => {
    const { limit, feed } = limitUnder()
    const seen = [limit.current, feed({ busyMs: 10 }, 4), feed({ busyMs: 10 }, 2)]
    expect(seen[1]).toBeGreaterThan(seen[0]!)
    expect(seen[2]).toBeGreaterThan(seen[1]!)
  })

  it('shrinks when times are longer, no more than by half of what smoothing allows', () => {
    const { limit, feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 40 }, 20)
    expect(limit.current).toBe(100)
    const after = feed({ busyMs: 1000 })
    expect(after).toBeLessThan(100)
    expect(after).toBeGreaterThanOrEqual(90)
  })

  it('tolerates times half as long again', () => {
    const { feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 40 }, 20)
    expect(feed({ busyMs: 14.5 }, 2)).toBeGreaterThan(100)
  })

  it('neither grows nor shrinks while few run', () => {
    const { feed } = limitUnder({ initial: 100 })
    expect(feed({ busyMs: 10, inFlight: 49 }, 50)).toBe(100)
    expect(feed({ busyMs: 1000, inFlight: 49 }, 5)).toBe(100)
  })

  it('waits for ten samples, and for thirty at first, because the first to end are the quickest', () => {
    const limit = new GradientLimit()
    let now = 0
    const feed = (samples: number) => {
      for (let count = 0; count < samples; count += 1) {
        now += 500
        limit.sample(now - 10, now, 10, limit.current, false)
      }
      return limit.current
    }
    expect(feed(29)).toBe(20)
    const first = feed(1)
    expect(first).toBeGreaterThan(20)
    expect(feed(9)).toBe(first)
    expect(feed(1)).toBeGreaterThan(first)
  })

  it('takes the usual time down quickly after a long slow time', () => {
    const { limit, feed } = limitUnder()
    feed({ busyMs: 100, inFlight: 12 }, 30)
    expect(limit.usualMs).toBeCloseTo(100)
    feed({ busyMs: 10, inFlight: 12 }, 40)
    expect(limit.usualMs).toBeLessThan(25)
  })
})

describe('beyond Gradient2', () => {
  it('does not double while answers are slow, which would show too late', () => {
    expect(limitUnder().feed({ busyMs: 300 }, 4)).toBeLessThan(30)
  })

  it('doubles until it meets resistance', () => {
    const { feed } = limitUnder()
    expect(feed({ busyMs: 10 }, 4)).toBeGreaterThanOrEqual(40)
    const most = feed({ busyMs: 10 }, 2)
    feed({ busyMs: 40 }, 2)
    const resisted = feed({ busyMs: 10 })
    expect(feed({ busyMs: 10 }) - resisted).toBeLessThan(most / 4)
  })

  it('does not take its own queue for usual', () => {
    const { limit, feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 60 }, 20)
    // One worker, 10 ms of work: whoever runs waits for all the others. A long overload of 25 minutes.
    for (let window = 0; window < 1500; window += 1) feed({ busyMs: 0.5 * limit.current })
    expect(limit.current).toBeLessThan(50)
    expect(limit.usualMs).toBeLessThan(15)
  })

  it('finds out by a probe that something else is slow, and grows again', () => {
    const { limit, feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 60 }, 20)
    const seen = Array.from({ length: 40 }, () => feed({ busyMs: 50 }))
    const lowest = Math.min(...seen)
    expect(lowest).toBeLessThan(60)
    expect(limit.usualMs).toBeCloseTo(50)
    expect(limit.current).toBeGreaterThan(100)
  })

  it('halves the limit only for a while when those that run never end', () => {
    const { limit, feed, tick } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 60 }, 20)
    // More than half of the limit hangs, so nothing is ever measured among fewer.
    let before = limit.current
    for (let windows = 0; windows < 20 && limit.current > 0.7 * before; windows += 1) {
      before = limit.current
      feed({ busyMs: 50, inFlight: 100 })
    }
    tick(0)
    expect(limit.current).toBeLessThan(0.7 * before)
    tick(60_000)
    expect(limit.current).toBeGreaterThan(0.7 * before)
  })

  it('shrinks by the share of slow timeouts at once', () => {
    const { feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 40 }, 20)
    expect(feed({ busyMs: 1000, timedOut: 1 })).toBe(60)
  })

  it('settles where few time out', () => {
    const { feed } = limitUnder({ initial: 100, max: 100 })
    feed({ busyMs: 10 }, 5)
    expect(feed({ busyMs: 16, timedOut: 0.1 }, 50)).toBeGreaterThan(20)
  })

  it('takes no notice of callers who are impatient', () => {
    const { limit, feed } = limitUnder({ initial: 100 })
    feed({ busyMs: 10, inFlight: 40 }, 20)
    const usualMs = limit.usualMs
    expect(feed({ busyMs: 1, timedOut: 1 }, 100)).toBe(100)
    expect(limit.usualMs).toBe(usualMs)
  })
})

const aLoad = fc.record({
  busyMs: fc.double({ min: 0.01, max: 5000, noNaN: true }),
  inFlight: fc.nat(300),
  timedOut: fc.constantFrom(0, 0, 0.1, 0.5, 1),
})

const past = fc.array(aLoad, { maxLength: 30 })

describe('whatever happens', () => {
  it('stays a whole number within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.nat(100),
        fc.nat(100),
        fc.array(aLoad, { maxLength: 60 }),
        fc.integer(),
        (min, more, evenMore, loads, seed) => {
          const max = min + more + evenMore
          const { limit, feed, tick } = limitUnder({ min, initial: min + more, max, random: seeded(seed) })
          for (const load of loads) {
            const current = feed(load)
            expect(Number.isInteger(current)).toBe(true)
            expect(current).toBeGreaterThanOrEqual(min)
            expect(current).toBeLessThanOrEqual(max)
            tick(load.inFlight)
            expect(Number.isFinite(limit.usualMs)).toBe(true)
          }
        },
      ),
    )
  })

  it('is no higher for slower answers after the same past', () => {
    fc.assert(
      fc.property(
        past,
        aLoad,
        fc.double({ min: 1, max: 20, noNaN: true }),
        (loads, { busyMs, inFlight }, factor) => {
          const after = (lastMs: number) => afterWindow(loads, () => ({ busyMs: lastMs, inFlight }))
          expect(after(busyMs * factor)).toBeLessThanOrEqual(after(busyMs))
        },
      ),
    )
  })

  it('is no higher when more time out after the same past', () => {
    fc.assert(
      fc.property(past, fc.nat(windowSamples), fc.nat(windowSamples), (loads, some, more) => {
        const after = (timeouts: number) =>
          afterWindow(loads, (index) => ({
            busyMs: 50_000,
            inFlight: 1000,
            timedOut: index < timeouts ? 1 : 0,
          }))
        expect(after(Math.max(some, more))).toBeLessThanOrEqual(after(Math.min(some, more)))
      }),
    )
  })

  it('learns from the window that these laws look at', () => {
    const loads = Array.from({ length: 20 }, () => ({ busyMs: 10, inFlight: 15, timedOut: 0 }))
    const after = (busyMs: number, timedOut: number) =>
      afterWindow(loads, () => ({ busyMs, inFlight: 20, timedOut }))
    expect(after(10, 0)).toBeGreaterThan(after(1000, 0))
    expect(after(1000, 0)).toBeGreaterThan(after(1000, 1))
  })
})

const windowSamples = 12

/** The limit after one more window, which ends at the same time whatever is in it. */
function afterWindow(loads: readonly Load[], sampleAt: (index: number) => Load): number {
  const { limit, feed } = limitUnder()
  for (const load of loads) feed(load)
  const add = (now: number, { busyMs, inFlight, timedOut }: Load) =>
    limit.sample(now - busyMs, now, busyMs, inFlight!, timedOut === 1)
  // Long after; what was left over is too old by then.
  add(1e9, { busyMs: 1, inFlight: 1 })
  for (let index = 0; index < windowSamples; index += 1)
    add(index === windowSamples - 1 ? 1e9 + 20_000 : 1e9, sampleAt(index))
  return limit.current
}
