import { describe, expect, it } from 'vitest'
import { Judge } from '../judge/judge.ts'
import { powerOf } from '../planning/power.ts'
import { tenMinutes } from '../planning/ramp.ts'
import { CanaryTraffic } from '../simulate/canary-traffic.ts'
import { Random } from '../simulate/random.ts'
import type { Effect } from '../simulate/scenario.ts'
import { reportPage } from './page.ts'
import { svgOf, ticksOf } from './plot.ts'
import { type CanaryRecord, Recorder } from './record.ts'

function recordOf(effect: Effect, rps = 300, servlet = 'files'): CanaryRecord {
  const traffic = new CanaryTraffic({ name: '', rps, failureRate: 0.005, effect }, new Random(2), 600)
  const judge = new Judge({ rampSeconds: 600, criticality: 'high' })
  const recorder = new Recorder(judge)
  for (const { share, seconds } of tenMinutes)
    for (let second = 0; second < seconds && judge.verdict().kind !== 'roll back'; second++)
      recorder.add(traffic.next(share))
  return recorder.record({
    servlet,
    release: '1.4.0',
    replaces: '1.3.2',
    startedAt: '2026-11-25T10:00:00.000Z',
    power: powerOf({ rps, failureRate: 0.005 }, tenMinutes),
    quality: undefined,
  })
}

describe('a report', () => {
  it('says what decided, and the smallest difference that would have decided otherwise', () => {
    const bad = recordOf({ failures: 6 })
    expect(bad.verdict).toMatchObject({ kind: 'roll back', metric: 'failures' })
    expect(bad.whatWouldChange).toMatch(/^with \d+ of the \d+ failures of the canary in the control instead/)
    const good = recordOf({})
    expect(good.verdict.kind).toBe('promote')
    expect(good.whatWouldChange).toMatch(/^\d+ more failures in the canary/)
    const quiet = recordOf({}, 1)
    expect(quiet.verdict.kind).toBe('not enough evidence')
    expect(quiet.whatWouldChange).toMatch(/^\d+ more requests of the canary without a failure/)
  })

  it('has a moment for every few seconds, and all requests in them', () => {
    const record = recordOf({})
    expect(record.moments.length).toBeGreaterThan(150)
    expect(record.moments.length).toBeLessThanOrEqual(400)
    const requests = record.moments.reduce((sum, { canary }) => sum + canary.requests, 0)
    expect(requests).toBeGreaterThan(record.exposedRequests * 0.98)
    expect(requests).toBeLessThanOrEqual(record.exposedRequests)
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
  })

  it('is one page that loads nothing, and escapes what it is told', () => {
    const page = reportPage(recordOf({ failures: 6 }, 300, '<script>alert(1)</script>'))
    expect(page).not.toMatch(/<script|src=|href=|url\(|@import/)
    expect(page).toContain('&#60;script&#62;')
    expect(page).toMatch(/Rolled back: failures: \d+ in the canary and \d+ in the control/)
    expect(page.match(/<svg/g)).toHaveLength(3)
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe('a plot', () => {
  it.each([
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [-2, 3, [-2, -1, 0, 1, 2, 3]],
    [0, 0.004, [0, 0.001, 0.002, 0.003, 0.004]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 600, [0, 200, 400, 600]],
  ])('has round numbers from %d to %d', (low, high, expected) => {
    const ticks = ticksOf(low, high)
    expect(ticks[0]).toBeLessThanOrEqual(low)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(high)
    expect(ticks.length).toBeLessThanOrEqual(7)
    if (high > 0) expect(ticks).toEqual(expected)
  })

  it('can be drawn of nothing', () => {
    expect(
      svgOf({ title: 'a', x: 's', y: '%', lines: [{ name: 'n', color: 'red', points: [] }] }),
    ).not.toMatch(/NaN|Infinity/)
  })
})
