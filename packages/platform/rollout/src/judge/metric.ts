import { Dispersion } from '../sequential/dispersion.ts'
import { type Bet, harmlessBets, RatioMixture, regressionBets } from '../sequential/ratio-mixture.ts'

/** Latency shifts are small ratios of exceedances; more than a hundred times the p99 there cannot be. */
export const latencyBets: readonly Bet[] = [
  { ratio: 1.2, weight: 0.2 },
  { ratio: 1.5, weight: 0.25 },
  { ratio: 2, weight: 0.25 },
  { ratio: 4, weight: 0.2 },
  { ratio: 10, weight: 0.1 },
]

/** An event that is counted in both arms, what it says against the release, and what it says for it. */
export class EventMetric {
  readonly name: string
  readonly worse: RatioMixture
  readonly harmless: RatioMixture
  readonly dispersion: Dispersion
  canary = 0
  control = 0

  constructor(
    name: string,
    toleratedRatio: number,
    bets: readonly Bet[] = regressionBets,
    dispersion: Dispersion = new Dispersion(),
  ) {
    this.name = name
    this.worse = new RatioMixture(bets)
    this.harmless = new RatioMixture(harmlessBets(toleratedRatio), toleratedRatio)
    this.dispersion = dispersion
  }

  add(canary: number, control: number, share: number): void {
    this.canary += canary
    this.control += control
    this.worse.add(canary, control, share)
    this.harmless.add(canary, control, share)
  }
}
