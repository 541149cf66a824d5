import { weights } from '../judge/weights.ts'
import { compensation, meanSizeOf, stakeOf } from '../sequential/compensator.ts'
import { regressionBets } from '../sequential/ratio-mixture.ts'
import { type ExpectedTraffic, type InformationBound, informationBound } from './information-bound.ts'
import type { Step } from './ramp.ts'

/** What a canary can see of a regression of failures. */
export interface Power {
  readonly ratio: number
  /** Seconds after which half of such releases are found; undefined where that is after the ramp. */
  readonly medianSeconds: number | undefined
  /** Seconds after which 99 of 100 are found; undefined where that is after the ramp. */
  readonly almostAlwaysSeconds: number | undefined
  /** What no method can do better. */
  readonly bound: InformationBound
}

/** The normal quantile of 99 %. */
const almostAlways = 2.326

/**
 * What a judge of `alpha` will see of regressions before a canary starts: the time at which the expected evidence of the
 * best bet reaches the threshold, and at which it does in 99 of 100 cases, the evidence being about normal by then.
 */
export function powerOf(
  traffic: ExpectedTraffic,
  steps: readonly Step[],
  {
    alpha = 0.001,
    ratios = [2, 3, 5, 10],
  }: { readonly alpha?: number; readonly ratios?: readonly number[] } = {},
): Power[] {
  return ratios.map((ratio) => ({
    ratio,
    medianSeconds: secondsUntil(traffic, ratio, steps, alpha, 0),
    almostAlwaysSeconds: secondsUntil(traffic, ratio, steps, alpha, almostAlways),
    bound: informationBound(traffic, ratio, steps, alpha),
  }))
}

function secondsUntil(
  { rps, failureRate, dispersion = 1 }: ExpectedTraffic,
  ratio: number,
  steps: readonly Step[],
  alpha: number,
  quantile: number,
): number | undefined {
  const meanSize = meanSizeOf(dispersion)
  const threshold = -Math.log(alpha) - Math.log(weights.failures)
  const bets = regressionBets.map(({ ratio, weight }) => ({
    lambda: stakeOf(ratio, meanSize),
    mean: Math.log(weight),
    variance: 0,
  }))
  let second = 0
  for (const { share, seconds } of steps) {
    const theta = (ratio * share) / (ratio * share + 1 - share)
    const events = rps * failureRate * (ratio * share + 1 - share)
    const rates = bets.map(({ lambda }) => {
      const mu = compensation(lambda, meanSize, share)
      return {
        mean: events * (theta * lambda - mu),
        variance: events * dispersion * (theta * (lambda - mu) ** 2 + (1 - theta) * mu ** 2),
      }
    })
    for (let tick = 0; tick < seconds; tick++) {
      second++
      let found = false
      for (let j = 0; j < bets.length; j++) {
        const bet = bets[j]!
        bet.mean += rates[j]!.mean
        bet.variance += rates[j]!.variance
        found ||= bet.mean - quantile * Math.sqrt(bet.variance) >= threshold
      }
      if (found) return second
    }
  }
  return undefined
}

/** What a canary can see as a sentence for those who wait for it. */
export function powerSentence(powers: readonly Power[]): string {
  const seen = powers.filter(({ medianSeconds }) => medianSeconds !== undefined)
  const blind = powers.filter(({ medianSeconds }) => medianSeconds === undefined)
  const parts = seen.map(({ ratio, medianSeconds, almostAlwaysSeconds }) =>
    almostAlwaysSeconds === undefined
      ? `${ratio} times as many failures in ${duration(medianSeconds!)} or not at all`
      : `${ratio} times as many failures in ${duration(medianSeconds!)}, nearly always within ${duration(almostAlwaysSeconds)}`,
  )
  if (blind.length > 0) parts.push(`not ${blind.map(({ ratio }) => `${ratio} times`).join(' or ')} as many`)
  return seen.length === 0
    ? 'this canary cannot see a regression of failures at this traffic; no comparison could see much'
    : `this canary sees ${parts.join('; ')}`
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
