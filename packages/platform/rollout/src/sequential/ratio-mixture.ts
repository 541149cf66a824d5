import { compensation, meanSizeOf, stakeOf } from './compensator.ts'

/** A hypothesis of how many times as often an event happens in the canary, and how much is bet on it. */
export interface Bet {
  /** More than 1 tests for more events in the canary, less than 1 for fewer. */
  readonly ratio: number
  /** The weights of all bets add up to 1. */
  readonly weight: number
}

/**
 * Regressions from barely worth a rollback to total. Most is bet on three to ten times, where minutes decide; a bet on
 * everything else costs a regression of five times about one unit of log-evidence.
 */
export const regressionBets: readonly Bet[] = [
  { ratio: 1.5, weight: 0.08 },
  { ratio: 2, weight: 0.12 },
  { ratio: 3, weight: 0.2 },
  { ratio: 5, weight: 0.3 },
  { ratio: 10, weight: 0.18 },
  { ratio: 30, weight: 0.12 },
]

/** Bets that events are as often as before or fewer, against a margin: what proves a release harmless. */
export function harmlessBets(margin: number): readonly Bet[] {
  return [1, 0.5, 1.6].map((ratio) => ({ ratio: Math.min(ratio / margin, 0.95), weight: 1 / 3 }))
}

/** Ticks whose shares of the canary are much the same. */
interface Bucket {
  events: number
  /** Sum of events times share. */
  weighted: number
  /** What each bet pays for these events, as of when it was last asked. */
  readonly paid: Float64Array
  stale: boolean
}

/** Shares whose odds differ by less than a tenth share a bucket. */
const bucketsPerUnitOfLogOdds = 10
/** Dispersions are rounded up to steps of 4 %, so that they seldom change what is known already. */
const stepOfDispersion = Math.log(1.04)

/**
 * Evidence that an event is more frequent per request in the canary than in the control, whatever the share of the canary,
 * however it changes, and as often as one looks.
 *
 * Of the `n` events of both arms in a tick, each is the canary's with a chance of its share `rho` of the requests while the
 * arms are equal, and of `r rho / (r rho + 1 - rho)` when events are `r` times as likely in it. The product of these
 * likelihood ratios over the ticks is a test martingale, and so is a weighted mean over several `r`:
 *
 *     log E = log sum_j w_j exp(lambda_j X - sum_t n_t mu_j(rho_t)),   lambda_j = ln r_j,  mu_j = ln(r_j rho + 1 - rho)
 *
 * By Ville's inequality the chance that `E` ever reaches `1/alpha` without a difference is at most `alpha`. An outage of
 * both arms changes `n`, not `rho`, and is no evidence. Where requests can fail once only, counts are hypergeometric rather
 * than binomial, which is below it in convex order (Hoeffding 1963): the test is then conservative. A conditional form of
 * Lindon and Malek, Anytime-Valid Inference for Multinomial Count Data (NeurIPS 2022), for shares that change. Events that
 * come in clusters are bet on as `compensator.ts` says.
 *
 * Adding up is all that ticks do, so their order does not matter. Ticks of about the same share are kept together and paid for
 * at their mean share, which is never too little because `mu` is concave in it.
 */
export class RatioMixture {
  readonly #bets: readonly Bet[]
  readonly #logWeights: Float64Array
  readonly #margin: number
  readonly #buckets = new Map<number, Bucket>()
  readonly #stale: Bucket[] = []
  readonly #stakes: Float64Array
  readonly #paid: Float64Array
  #canary = 0
  #meanSize = Number.NaN

  /** @param margin how many times as frequent is still allowed: the null hypothesis is "at most (or, for bets below 1, at least) so many times" */
  constructor(bets: readonly Bet[] = regressionBets, margin = 1) {
    this.#bets = bets
    this.#logWeights = Float64Array.from(bets, ({ weight }) => Math.log(weight))
    this.#stakes = new Float64Array(bets.length)
    this.#paid = new Float64Array(bets.length)
    this.#margin = margin
  }

  /**
   * Adds a tick.
   *
   * @param canary events of the canary
   * @param control events of the control
   * @param share the canary's share of the requests of both, between 0 and 1; at 0 or 1 there is nothing to compare
   */
  add(canary: number, control: number, share: number): void {
    const events = canary + control
    if (events === 0 || !(share > 0 && share < 1)) return
    this.#canary += canary
    const odds = (this.#margin * share) / (1 - share)
    const key = Math.round(Math.log(odds) * bucketsPerUnitOfLogOdds)
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      bucket = { events: 0, weighted: 0, paid: new Float64Array(this.#bets.length), stale: false }
      this.#buckets.set(key, bucket)
    }
    bucket.events += events
    bucket.weighted += (events * odds) / (1 + odds)
    if (bucket.stale) return
    bucket.stale = true
    this.#stale.push(bucket)
  }

  /**
   * Natural logarithm of the evidence.
   *
   * @param dispersion at least 1
   * @param moved as if so many events of the control had been the canary's: what it would have taken to come to another verdict
   */
  logEvidence(dispersion = 1, moved = 0): number {
    this.#settle(dispersion)
    let greatest = -Infinity
    const terms = this.#paid.length
    for (let j = 0; j < terms; j++) greatest = Math.max(greatest, this.#term(j, moved))
    let sum = 0
    for (let j = 0; j < terms; j++) sum += Math.exp(this.#term(j, moved) - greatest)
    return greatest + Math.log(sum)
  }

  #term(j: number, moved: number): number {
    return this.#logWeights[j]! + (this.#canary + moved) * this.#stakes[j]! - this.#paid[j]!
  }

  #settle(dispersion: number): void {
    const rounded = Math.exp(
      Math.ceil(Math.log(Math.max(1, dispersion)) / stepOfDispersion) * stepOfDispersion,
    )
    const meanSize = meanSizeOf(rounded)
    if (meanSize !== this.#meanSize) {
      this.#meanSize = meanSize
      for (let j = 0; j < this.#bets.length; j++) this.#stakes[j] = stakeOf(this.#bets[j]!.ratio, meanSize)
      for (const bucket of this.#buckets.values()) this.#pay(bucket)
    } else for (const bucket of this.#stale) this.#pay(bucket)
    this.#stale.length = 0
  }

  #pay(bucket: Bucket): void {
    const share = bucket.weighted / bucket.events
    for (let j = 0; j < this.#bets.length; j++) {
      const paid = bucket.events * compensation(this.#stakes[j]!, this.#meanSize, share)
      this.#paid[j]! += paid - bucket.paid[j]!
      bucket.paid[j] = paid
    }
    bucket.stale = false
  }
}
