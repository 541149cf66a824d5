/**
 * Evidence that an event's rate per request is below a line, looked at as often as one likes: a mixture of likelihood
 * ratios of Bernoulli trials against the line. For each `p` below it, the product of
 * `(p/line)^x ((1-p)/(1-line))^(n-x)` is a supermartingale while the rate is at the line or above.
 */
export class RateBelow {
  readonly #hit: readonly number[]
  readonly #miss: readonly number[]
  #events = 0
  #requests = 0

  /** @param line a share of requests, between 0 and 1 */
  constructor(line: number) {
    if (!(line > 0 && line < 1)) throw new RangeError(`${line} is not a share between 0 and 1`)
    const rates = [0.02, 0.1, 0.3, 0.6].map((part) => part * line)
    this.#hit = rates.map((rate) => Math.log(rate / line))
    this.#miss = rates.map((rate) => Math.log1p(-rate) - Math.log1p(-line))
  }

  add(events: number, requests: number): void {
    this.#events += events
    this.#requests += requests
  }

  /**
   * Natural logarithm of the evidence.
   *
   * @param dispersion at least 1
   * @param more as if so many more requests had been answered, none of them with the event
   */
  logEvidence(dispersion = 1, more = 0): number {
    const rest = Math.max(0, this.#requests + more - this.#events)
    const terms = this.#hit.map(
      (hit, j) => (this.#events * hit + rest * this.#miss[j]!) / dispersion - Math.log(this.#hit.length),
    )
    const greatest = Math.max(...terms)
    return greatest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - greatest), 0))
  }
}
