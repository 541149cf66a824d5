import { describe, expect, it } from 'vitest'
import { normalQuantile, shiftInterval } from '../incumbents/mann-whitney.ts'
import { informationBound } from '../planning/information-bound.ts'
import { compensation } from './compensator.ts'
import golden from './fixtures/golden.json' with { type: 'json' }
import { RateBelow } from './rate-mixture.ts'
import { RatioMixture, regressionBets } from './ratio-mixture.ts'
import { SignMixture } from './sign-mixture.ts'
import { logGamma } from './special-functions.ts'
import { splitEvidence } from './split-test.ts'

// How these were made stands at the top of fixtures/golden.py.
describe('formulas against other implementations', () => {
  it.each(golden.splits)(
    '$first and $second of a split of $share',
    ({ first, second, share, prior, ...expected }) => {
      expect(splitEvidence(first, second, share, prior)).toBeCloseTo(expected.logEvidence, 9)
    },
  )

  it.each(golden.payments)('pays for $stake on clusters of $meanSize at $share', (given) => {
    expect(compensation(given.stake, given.meanSize, given.share)).toBeCloseTo(given.payment, 10)
  })

  it.each(golden.mixtures)(
    'mixes likelihood ratios with a margin of $margin',
    ({ margin, ticks, logEvidence }) => {
      const mixture = new RatioMixture(regressionBets, margin)
      for (const [canary, control, share] of ticks) mixture.add(canary!, control!, share!)
      // Ticks of much the same share are paid for together: never less than each by itself, and hardly more.
      expect(mixture.logEvidence()).toBeLessThanOrEqual(logEvidence + 1e-9)
      expect(mixture.logEvidence()).toBeGreaterThan(logEvidence - 0.05)
    },
  )

  it.each(golden.gammas)('the gamma function at $x', ({ x, logGamma: expected }) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)))
  })

  it.each(golden.quantiles)('the normal quantile of $p', ({ p, quantile }) => {
    expect(normalQuantile(p)).toBeCloseTo(quantile, 7)
  })

  it.each(golden.belows)(
    '$events events of $requests against a line of $line',
    ({ line, events, requests, logEvidence }) => {
      const below = new RateBelow(line)
      below.add(events, requests)
      expect(below.logEvidence()).toBeCloseTo(logEvidence, 9)
    },
  )

  it.each(golden.signs)('$wins wins and $losses losses', ({ wins, losses, logEvidence }) => {
    const signs = new SignMixture()
    for (let reading = 0; reading < wins + losses; reading++) signs.add(reading < wins)
    expect(signs.logEvidence()).toBeCloseTo(logEvidence, 9)
  })

  it.each(golden.shifts)('the shift between two samples is $shift', ({ first, second, shift, low, high }) => {
    const interval = shiftInterval(first, second, 0.98)
    expect(interval.shift).toBeCloseTo(shift, 9)
    // Ties change the variance in the test, and not in the interval.
    if (first.length < 30) return
    expect(interval.low).toBeCloseTo(low, 9)
    expect(interval.high).toBeCloseTo(high, 9)
  })

  it.each(golden.powers)(
    'the information of $failures failures a second at $share',
    ({ share, ratio, failures, seconds }) => {
      const traffic = { rps: failures / (ratio * share + 1 - share), failureRate: 1 }
      expect(informationBound(traffic, ratio, [{ share, seconds: 1e6 }], 0.001).seconds).toBeCloseTo(
        seconds,
        6,
      )
    },
  )
})
