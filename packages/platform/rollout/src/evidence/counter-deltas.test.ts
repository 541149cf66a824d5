import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CounterDeltas } from './counter-deltas.ts'
import type { PodCounters } from './scrape.ts'
import { isUsable } from './tick.ts'

function pod(
  name: string,
  arm: PodCounters['arm'],
  requests: number,
  changes: Partial<PodCounters> = {},
): PodCounters {
  return {
    pod: name,
    arm,
    requests,
    failures: 0,
    slower: [0],
    refusals: {},
    busySeconds: requests / 1000,
    restarts: 0,
    ...changes,
  }
}
const both = (canary: number, control: number) => [pod('a', 'canary', canary), pod('b', 'control', control)]

describe('counters as ticks', () => {
  it('are what came since the scrape before', () => {
    const deltas = new CounterDeltas()
    expect(deltas.add({ atMs: 0, pods: both(100, 900) })).toBeUndefined()
    expect(deltas.add({ atMs: 1000, pods: both(110, 990) })).toMatchObject({
      seconds: 1,
      canary: { requests: 10, podSeconds: 1 },
      control: { requests: 90 },
    })
    expect(deltas.quality).toMatchObject({ scrapes: 2, ticks: 1, skipped: { 'first scrape': 1 } })
  })

  it('begin at zero again when a process does', () => {
    const deltas = new CounterDeltas()
    deltas.add({ atMs: 0, pods: [pod('a', 'canary', 500, { failures: 9 }), pod('b', 'control', 900)] })
    const tick = deltas.add({
      atMs: 1000,
      pods: [pod('a', 'canary', 3, { failures: 1, restarts: 1 }), pod('b', 'control', 910)],
    })
    expect(tick?.canary).toMatchObject({ requests: 3, failures: 1, restarts: 1 })
    expect(deltas.quality.resets).toBe(1)
  })

  it('are longer where a scrape is missing, and none where too many are', () => {
    const deltas = new CounterDeltas(5000)
    deltas.add({ atMs: 0, pods: both(0, 0) })
    expect(deltas.add({ atMs: 4000, pods: both(4, 36) })).toMatchObject({
      seconds: 4,
      canary: { requests: 4 },
    })
    expect(deltas.add({ atMs: 60_000, pods: both(60, 540) })).toBeUndefined()
    expect(deltas.add({ atMs: 61_000, pods: both(61, 549) })).toMatchObject({ canary: { requests: 1 } })
  })

  it('wait for an arm that is absent, and then compare the same time of both', () => {
    const deltas = new CounterDeltas()
    deltas.add({ atMs: 0, pods: both(0, 0) })
    expect(deltas.add({ atMs: 1000, pods: [pod('b', 'control', 90)] })).toBeUndefined()
    expect(deltas.add({ atMs: 2000, pods: both(20, 180) })).toMatchObject({
      seconds: 2,
      canary: { requests: 20 },
      control: { requests: 180 },
    })
  })

  it('do not use a clock that went back, nor one that stands', () => {
    const deltas = new CounterDeltas()
    deltas.add({ atMs: 5000, pods: both(0, 0) })
    expect(deltas.add({ atMs: 5000, pods: both(10, 90) })).toBeUndefined()
    expect(deltas.add({ atMs: 1000, pods: both(20, 180) })).toBeUndefined()
    expect(deltas.add({ atMs: 2000, pods: both(30, 270) })).toMatchObject({
      seconds: 1,
      canary: { requests: 10 },
    })
    expect(deltas.add({ atMs: Number.NaN, pods: both(40, 360) })).toBeUndefined()
  })

  it('count a pod from the second time on, and not under another arm', () => {
    const deltas = new CounterDeltas()
    deltas.add({ atMs: 0, pods: both(0, 0) })
    const tick = deltas.add({ atMs: 1000, pods: [...both(10, 90), pod('new', 'canary', 1_000_000)] })
    expect(tick?.canary.requests).toBe(10)
    const moved = deltas.add({ atMs: 2000, pods: [...both(20, 180), pod('new', 'control', 1_000_010)] })
    expect(moved?.control.requests).toBe(90)
  })

  it('halve the control by its pods', () => {
    const deltas = new CounterDeltas()
    const pods = (n: number) => [...both(n, n), pod('c', 'control', 2 * n), pod('d', 'control', 4 * n)]
    deltas.add({ atMs: 0, pods: pods(0) })
    expect(deltas.add({ atMs: 1000, pods: pods(10) })).toMatchObject({
      control: { requests: 70 },
      halves: [{ requests: 30 }, { requests: 40 }],
    })
  })

  it('are counts, whatever comes in', () => {
    const value = fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: 0, max: 1e6 }) },
      { weight: 1, arbitrary: fc.double() },
    )
    const anyPod = fc.record({
      pod: fc.constantFrom('a', 'b', 'c', 'd'),
      arm: fc.constantFrom('canary' as const, 'control' as const),
      requests: value,
      failures: value,
      slower: fc.array(value, { maxLength: 2 }),
      refusals: fc.dictionary(fc.constantFrom('not_found', 'aborted', '__proto__'), value),
      busySeconds: value,
      restarts: value,
    })
    const scrape = fc.record({
      atMs: fc.oneof(fc.nat({ max: 100_000 }), fc.double()),
      pods: fc.uniqueArray(anyPod, { selector: ({ pod }) => pod, maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.array(scrape, { maxLength: 30 }), (scrapes) => {
        const deltas = new CounterDeltas()
        for (const each of scrapes) {
          const tick = deltas.add(each)
          if (tick) expect(isUsable(tick)).toBe(true)
        }
        const { scrapes: count, ticks, skipped } = deltas.quality
        expect(ticks + Object.values(skipped).reduce((sum, each) => sum + each, 0)).toBe(count)
      }),
      { numRuns: 500 },
    )
  })
})
