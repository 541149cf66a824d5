import { codes } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeNames, codeNumberOfStatus, isFailure } from './outcome.ts'
import { countOf } from './quantile.ts'
import { RequestSeries } from './request-series.ts'

/** Requests by when they begin and end, in milliseconds. */
const requests = fc.array(
  fc.record({
    beganMs: fc.integer({ min: 0, max: 100_000 }),
    tookMs: fc.integer({ min: 0, max: 5000 }),
    code: fc.nat({ max: 16 }),
  }),
  { maxLength: 50 },
)

function play(all: { beganMs: number; tookMs: number; code: number }[], untilMs: number): RequestSeries {
  const series = new RequestSeries('')
  const events = all.flatMap((one) => [
    { atMs: one.beganMs, run: () => series.begin(one.beganMs) },
    {
      atMs: one.beganMs + one.tookMs,
      run: () => void series.end(one.code, one.beganMs, one.beganMs + one.tookMs),
    },
  ])
  for (const { atMs, run } of events.toSorted((a, b) => a.atMs - b.atMs)) if (atMs <= untilMs) run()
  return series
}

describe('a series of requests', () => {
  it('counts each request once by its code and once by its duration', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const series = play(all, Number.POSITIVE_INFINITY)
        for (const [code] of codeNames.entries())
          expect(series.codes[code]).toBe(all.filter((one) => one.code === code).length)
        const counted = series.durations.reduce((sum, one) => sum + (one ? countOf(one) : 0), 0)
        expect(counted).toBe(all.length)
        expect(series.inFlight).toBe(0)
      }),
    )
  })

  it('integrates how many are in flight: all together it is the sum of their durations', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 0, max: 120_000 }), (all, untilMs) => {
        const expected = all.reduce(
          (sum, { beganMs, tookMs }) => sum + Math.max(0, Math.min(beganMs + tookMs, untilMs) - beganMs),
          0,
        )
        const series = play(all, untilMs)
        expect(series.inFlightSeconds(untilMs)).toBeCloseTo(expected / 1000, 9)
        expect(series.inFlight).toBe(
          all.filter((one) => one.beganMs <= untilMs && one.beganMs + one.tookMs > untilMs).length,
        )
      }),
    )
  })

  it('never counts back when clocks are read out of order', () => {
    const times = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 1000 })))
    fc.assert(
      fc.property(times, (steps) => {
        const series = new RequestSeries('')
        let before = 0
        for (const [begins, atMs] of steps) {
          if (begins || series.inFlight === 0) series.begin(atMs)
          else series.end(0, 0, atMs)
          const now = series.inFlightSeconds(atMs)
          expect(now).toBeGreaterThanOrEqual(before - 1e-9)
          before = now
        }
      }),
    )
  })

  it('counts a burst of failures of one caller once a second', () => {
    const series = new RequestSeries('')
    const fail = (atMs: number, caller?: string, code: keyof typeof codes = 'internal') => {
      series.begin(atMs)
      series.end(codes[code].grpc, atMs, atMs, caller)
    }
    for (let index = 0; index < 100; index += 1) fail(1000 + index, 'files')
    expect(series.failedSeconds.count).toBe(1)
    fail(1500, 'identity')
    fail(1500)
    fail(2000, 'files')
    fail(2000, 'other', 'not_found')
    expect(series.failedSeconds.count).toBe(4)
  })

  it('does not grow with callers who make up names', () => {
    const series = new RequestSeries('')
    for (let index = 0; index < 10_000; index += 1) {
      series.begin(0)
      series.end(codes.internal.grpc, 0, 0, `caller-${index}`)
    }
    expect(series.failedSeconds.count).toBeLessThanOrEqual(257)
  })
})

describe('codes', () => {
  it("are at gRPC's numbers", () => {
    expect(codeNames[0]).toBe('ok')
    for (const [name, { grpc }] of Object.entries(codes)) expect(codeNames[grpc]).toBe(name)
  })

  it('of mounted apps blame the same side as their status', () => {
    for (let status = 200; status < 600; status += 1) {
      const number = codeNumberOfStatus(status)
      expect([status, number > 0]).toEqual([status, status >= 400])
      expect([status, isFailure(number)]).toEqual([status, status >= 500])
    }
  })
})
