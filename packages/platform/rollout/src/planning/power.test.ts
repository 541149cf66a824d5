import { describe, expect, it } from 'vitest'
import { controlHistory } from '../simulate/control-history.ts'
import { runJudged } from '../simulate/run-canary.ts'
import { divergence, informationBound } from './information-bound.ts'
import { powerOf, powerSentence } from './power.ts'
import { tenMinutes } from './ramp.ts'

describe('power before the start', () => {
  it.each([
    [1000, 0.001, 5],
    [1000, 0.001, 2],
    [100, 0.001, 10],
  ])(
    'is what the judge then does at %i requests a second, %f failing, %i times worse',
    (rps, failureRate, ratio) => {
      const scenario = { name: '', rps, failureRate, effect: { failures: ratio } }
      const learned = controlHistory(scenario, 9, [], 6)
      const found = Array.from({ length: 150 }, (_, seed) =>
        runJudged(scenario, seed, learned, { undecided: 'hold' }),
      )
        .filter(({ decision }) => decision === 'roll back')
        .map(({ seconds }) => seconds)
        .sort((a, b) => a - b)
      const [power] = powerOf({ rps, failureRate, dispersion: learned.get('failures')!.phi }, tenMinutes, {
        ratios: [ratio],
      })
      const median = found[75]!
      expect(power!.medianSeconds).toBeGreaterThan(median * 0.75 - 5)
      expect(power!.medianSeconds).toBeLessThan(median * 1.33 + 5)
      expect(power!.almostAlwaysSeconds! + 30).toBeGreaterThan(found[Math.floor(found.length * 0.9)]!)
      // Nobody is faster than the information allows.
      expect(power!.bound.seconds!).toBeLessThan(power!.medianSeconds! * 1.05)
    },
  )

  it('grows with traffic, failures and difference, and shrinks with clusters', () => {
    const seconds = (traffic: { rps: number; failureRate: number; dispersion?: number }, ratio: number) =>
      powerOf(traffic, tenMinutes, { ratios: [ratio] })[0]!.medianSeconds ?? Number.POSITIVE_INFINITY
    const base = { rps: 200, failureRate: 0.001 }
    expect(seconds({ ...base, rps: 400 }, 5)).toBeLessThan(seconds(base, 5))
    expect(seconds({ ...base, failureRate: 0.002 }, 5)).toBeLessThan(seconds(base, 5))
    expect(seconds(base, 10)).toBeLessThan(seconds(base, 5))
    expect(seconds({ ...base, dispersion: 5 }, 5)).toBeGreaterThan(seconds(base, 5))
  })

  it('is a sentence, and an honest one where nothing can be seen', () => {
    expect(powerSentence(powerOf({ rps: 1000, failureRate: 0.001 }, tenMinutes))).toMatch(
      /^this canary sees 2 times as many failures in .* min/,
    )
    expect(powerSentence(powerOf({ rps: 0.1, failureRate: 0.001 }, tenMinutes))).toMatch(/cannot see/)
    expect(powerSentence(powerOf({ rps: 100, failureRate: 0.001 }, tenMinutes))).toMatch(
      /not 2 times as many/,
    )
  })
})

describe('the information bound', () => {
  it('is the divergence of the arms', () => {
    expect(divergence(0.5, 0.5)).toBe(0)
    expect(divergence(1, 0.5)).toBeCloseTo(Math.LN2)
    const steps = [{ share: 0.5, seconds: 1000 }]
    const { seconds, detection } = informationBound({ rps: 100, failureRate: 0.01 }, 3, steps, 0.001)
    // Two failures a second, three quarters of them in the canary.
    expect(seconds).toBeCloseTo(Math.log(1000) / (2 * divergence(0.75, 0.5)), 6)
    expect(detection).toBe(1)
  })

  it('is the chance itself without traffic', () => {
    expect(informationBound({ rps: 0, failureRate: 0.01 }, 5, tenMinutes, 0.001)).toEqual({
      seconds: undefined,
      detection: expect.closeTo(0.001, 6),
    })
  })
})
