import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ArmTick, Tick } from '../evidence/tick.ts'
import { tenMinutes } from '../planning/ramp.ts'
import { Dispersion } from '../sequential/dispersion.ts'
import { CanaryTraffic } from '../simulate/canary-traffic.ts'
import { controlHistory } from '../simulate/control-history.ts'
import { Random } from '../simulate/random.ts'
import { runJudged } from '../simulate/run-canary.ts'
import type { Effect, Scenario } from '../simulate/scenario.ts'
import { Judge } from './judge.ts'

const latencyEdges = [0.05, 0.1, 0.5]
const busy: Scenario = { name: 'busy', rps: 200, failureRate: 0.005, effect: {} }
let learned: Map<string, Dispersion>
beforeAll(() => {
  learned = controlHistory(busy, 1, latencyEdges, 2)
})

function outcomes(effect: Effect, canaries = 20, scenario: Partial<Scenario> = {}) {
  return Array.from({ length: canaries }, (_, seed) =>
    runJudged({ ...busy, ...scenario, effect }, seed, learned, { latencyEdges }),
  )
}

describe('a judge', () => {
  it('promotes releases that are no worse', () => {
    const decisions = outcomes({}, 60).map(({ decision }) => decision)
    expect(decisions).not.toContain('roll back')
    expect(decisions.filter((decision) => decision === 'promote').length).toBeGreaterThan(55)
  })

  it.each<[string, Effect, string]>([
    ['fails five times as often', { failures: 5 }, 'failures'],
    ['begins to fail after two minutes', { failures: 10, afterSeconds: 120 }, 'failures'],
    ['is slow three times as often', { slow: 3 }, 'slower than 0.1 s'],
    ['needs four times the CPU', { cost: 4 }, 'cost'],
    ['refuses four times as much', { refusals: 4 }, 'refused as not_found'],
    ['starts again and again', { restartsPerHour: 120 }, 'restarts'],
  ])('rolls back one that %s', (_, effect, metric) => {
    const all = outcomes(effect)
    expect(all.map(({ decision }) => decision)).toEqual(all.map(() => 'roll back'))
    expect(all.filter((outcome) => outcome.metric === metric).length).toBeGreaterThan(all.length / 2)
  })

  it('does not blame a release for what fails for both', () => {
    const decisions = outcomes({}, 40, { outage: 0.5 }).map(({ decision }) => decision)
    expect(decisions).not.toContain('roll back')
  })

  it('does not blame a release when traffic swings', () => {
    const decisions = outcomes({}, 40, { swing: 0.8 }).map(({ decision }) => decision)
    // One in a thousand is what alpha allows; the seeds are what they are.
    expect(decisions.filter((decision) => decision === 'roll back').length).toBeLessThanOrEqual(1)
  })

  it('says that there is not enough evidence where there is hardly any traffic, and what its policy is', () => {
    const quiet: Scenario = { ...busy, rps: 0.05 }
    const judged = (options: object) => runJudged(quiet, 1, new Map(), { latencyEdges, ...options })
    expect(judged({ criticality: 'high' })).toMatchObject({ decision: 'not enough evidence', seconds: 600 })
    expect(judged({ criticality: 'normal' })).toMatchObject({
      decision: 'not enough evidence',
      seconds: 1800,
    })
    expect(judged({ criticality: 'low' })).toMatchObject({ decision: 'promote', seconds: 600 })
    expect(judged({ undecided: 'probe' })).toMatchObject({ decision: 'not enough evidence' })
  })

  it('says the same of the same ticks, however often it is asked', () => {
    const ask = (every: number) => {
      const traffic = new CanaryTraffic({ ...busy, effect: { failures: 1.5 } }, new Random(4), 600)
      const judge = new Judge({ rampSeconds: 600, latencyEdges }, new Map())
      for (const { share, seconds } of tenMinutes)
        for (let second = 0; second < seconds; second++) {
          judge.add(traffic.next(share))
          if (second % every === 0) judge.findings()
        }
      return judge
    }
    expect(ask(1).logEvidence()).toBeCloseTo(ask(97).logEvidence(), 6)
  })

  it('sees the same in twice or ten times the traffic of both arms, for the same failures', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 9 }), fc.integer({ min: 10, max: 100 })), {
          maxLength: 30,
        }),
        fc.integer({ min: 2, max: 10 }),
        (seconds, factor) => {
          const evidence = (times: number) => {
            const judge = new Judge({ rampSeconds: 600 })
            for (const [ours, theirs, requests] of seconds)
              judge.add(
                tickOf(
                  { requests: requests * times, failures: ours },
                  { requests: 900 * times, failures: theirs },
                ),
              )
            return judge.logEvidence()
          }
          expect(evidence(factor)).toBeCloseTo(evidence(1), 9)
        },
      ),
    )
  })

  it('stays with a rollback', () => {
    const judge = new Judge({ rampSeconds: 60 })
    judge.add(tickOf({ requests: 1000, failures: 1000 }, { requests: 1000, failures: 0 }))
    expect(judge.verdict()).toMatchObject({ kind: 'roll back', metric: 'failures' })
    for (let second = 0; second < 200; second++)
      judge.add(tickOf({ requests: 1000 }, { requests: 1000, failures: 100 }))
    expect(judge.verdict()).toMatchObject({ kind: 'roll back' })
  })

  it('does not promote against a control that disagrees with itself', () => {
    const judge = new Judge({ rampSeconds: 60 }, new Map([['failures', certain()]]))
    for (let second = 0; second < 60; second++) {
      const [first, other] = [arm({ requests: 500, failures: 8 }), arm({ requests: 500 })]
      judge.add({ ...tickOf({ requests: 100 }, { requests: 1000, failures: 8 }), halves: [first, other] })
    }
    expect(judge.verdict()).toMatchObject({
      kind: 'not enough evidence',
      reason: expect.stringContaining('half of the control'),
    })
  })

  it('holds a step back while a release looks worse', () => {
    const judge = new Judge({ rampSeconds: 600 }, new Map([['failures', certain()]]))
    judge.add(tickOf({ requests: 100, failures: 4 }, { requests: 900, failures: 2 }))
    const verdict = judge.verdict()
    expect(verdict).toMatchObject({ kind: 'continue', mayIncrease: judge.logEvidence() < Math.log(100) })
    judge.add(tickOf({ requests: 100, failures: 1 }, { requests: 900, failures: 0 }))
    expect(judge.logEvidence()).toBeGreaterThan(Math.log(10))
  })

  it('says nothing by accident, whatever it is told', () => {
    const value = fc.oneof(fc.nat({ max: 1000 }), fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY))
    const anyArm = fc.record({
      requests: value,
      failures: value,
      slower: fc.array(value, { maxLength: 3 }),
      refusals: fc.dictionary(fc.constantFrom('not_found', '__proto__', 'aborted'), value),
      busySeconds: value,
      restarts: value,
      podSeconds: value,
    })
    fc.assert(
      fc.property(
        fc.array(fc.record({ seconds: value, canary: anyArm, control: anyArm }), { maxLength: 30 }),
        (all) => {
          const judge = new Judge({ rampSeconds: 1e6, latencyEdges })
          const spoilt = all.filter(
            (tick) => JSON.stringify(tick).includes('null') || JSON.stringify(tick).includes('-1'),
          )
          for (const tick of spoilt) judge.add(tick)
          expect(judge.unusableTicks).toBe(spoilt.length)
          expect(judge.verdict()).toMatchObject({ kind: 'continue' })
        },
      ),
    )
    const silent = new Judge({ rampSeconds: 600, criticality: 'high' })
    for (let second = 0; second < 600; second++) silent.add(tickOf({}, {}))
    expect(silent.verdict()).toMatchObject({ kind: 'not enough evidence' })
    const absent = new Judge({ rampSeconds: 600, criticality: 'high' })
    for (let second = 0; second < 600; second++) absent.add(tickOf({}, { requests: 1000, failures: 1 }))
    expect(absent.verdict()).toMatchObject({ kind: 'not enough evidence' })
  })

  it.each([
    [{ alpha: 0 }, /alpha is 0; it must be a chance above 0/],
    [{ beta: 1 }, /beta is 1/],
    [{ toleratedRatio: 1 }, /toleratedRatio is 1; it must be above 1/],
    [{ failureBudget: 0 }, /failureBudget is 0/],
    [{ rampSeconds: Number.NaN }, /rampSeconds is NaN; it must be a positive number/],
    [{ latencyEdges: [0.5, 0.1] }, /latencyEdges is \[0.5, 0.1\]; it must be rising/],
  ])('refuses %j', (options, message) => {
    expect(() => new Judge({ rampSeconds: 600, ...options })).toThrow(message)
  })
})

function arm(counts: Partial<ArmTick>): ArmTick {
  return {
    requests: 0,
    failures: 0,
    slower: [],
    refusals: {},
    busySeconds: 0,
    restarts: 0,
    podSeconds: 1,
    ...counts,
  }
}

function tickOf(canary: Partial<ArmTick>, control: Partial<ArmTick>): Tick {
  return { seconds: 1, canary: arm(canary), control: arm(control) }
}

/** Knows that failures are independent. */
function certain(): Dispersion {
  const dispersion = new Dispersion()
  for (let second = 0; second < 6000; second++) dispersion.add(second % 2, (second + 1) % 2, 0.5)
  return dispersion
}
