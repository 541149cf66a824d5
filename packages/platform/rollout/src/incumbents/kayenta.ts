import type { Tick } from '../evidence/tick.ts'
import { shiftInterval } from './mann-whitney.ts'
import { type Decision, Minute, type Rule } from './rule.ts'

const confidence = 0.98
const tolerance = 0.25
const outlierFactor = 3

/**
 * Kayenta's `NetflixACAJudge-v1.0`: time series of one point a minute of the canary and of a baseline of the same size, for the
 * failure rate and the share of slow requests; outliers beyond three interquartile ranges are left out; a metric is High where the 98 % interval of the
 * Hodges-Lehmann shift lies above a quarter of that shift. The score is the share of metrics that pass; below 95 it fails. Its
 * maintainers want fifty points or more (spinnaker/kayenta#633), so the canary takes fifty minutes at 10 % of the traffic.
 */
export class KayentaRule implements Rule {
  readonly share = 0.1
  #canary = new Minute()
  #baseline = new Minute()
  readonly #points = {
    failures: { canary: [] as number[], baseline: [] as number[] },
    slow: { canary: [] as number[], baseline: [] as number[] },
  }
  readonly #minutes: number

  constructor({ minutes = 50 }: { readonly minutes?: number } = {}) {
    this.#minutes = minutes
  }

  add({ canary, control, halves }: Tick): Decision {
    const over = this.#canary.add(canary)
    // A baseline is a deployment of its own of the canary's size. Rates only are used, so half of the control stands for it.
    this.#baseline.add(halves?.[0] ?? control)
    if (!over) return 'continue'
    for (const metric of ['failures', 'slow'] as const) {
      const { canary, baseline } = this.#points[metric]
      if (this.#canary.requests > 0) canary.push(this.#canary[metric] / this.#canary.requests)
      if (this.#baseline.requests > 0) baseline.push(this.#baseline[metric] / this.#baseline.requests)
    }
    this.#canary = new Minute()
    this.#baseline = new Minute()
    if (++this.#minute < this.#minutes) return 'continue'
    const high = Object.values(this.#points).some(({ canary, baseline }) => isHigh(canary, baseline))
    return high ? 'roll back' : 'promote'
  }
  #minute = 0
}

/** Whether a metric is classified as High. Too few points are "no data", which passes. */
export function isHigh(canary: readonly number[], baseline: readonly number[]): boolean {
  const [ours, theirs] = [withoutOutliers(canary), withoutOutliers(baseline)]
  if (ours.length < 2 || theirs.length < 2) return false
  if (new Set([...ours, ...theirs]).size === 1) return false
  const { shift, low } = shiftInterval(ours, theirs, confidence)
  return low > tolerance * Math.abs(shift) && mean(ours) >= mean(theirs)
}

function withoutOutliers(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  const reach = outlierFactor * (high - low)
  return values.filter((value) => value >= low - reach && value <= high + reach)
}

function quantile(sorted: readonly number[], p: number): number {
  const at = (sorted.length - 1) * p
  const below = sorted[Math.floor(at)] ?? 0
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at - Math.floor(at))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
