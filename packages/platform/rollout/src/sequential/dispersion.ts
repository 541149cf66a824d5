/** How many ticks make a block: clusters may last for a second, some seconds or a minute. */
const scales = [1, 10, 60] as const

/**
 * As much as this many events' worth of counts that were not clustered are believed in before anything was seen: without
 * them the first cluster would decide.
 */
const priorVariance = 4
/** Before anything was seen, as clustered as this. Most services are less, and a few hundred events outweigh it. */
const priorDispersion = 4

interface Block {
  first: number
  expected: number
  variance: number
  ticks: number
}

/**
 * Learns how clustered events are, from two halves of the control which run the same code: `phi`, the variance of how events
 * fall on the halves over what independent events would have. It is `E[S^2]/E[S]` for clusters of size `S` that hit one
 * half each, which is what counts must be divided by for tests of independent events to keep their promise.
 */
export class Dispersion {
  readonly #blocks: readonly Block[] = scales.map(() => ({ first: 0, expected: 0, variance: 0, ticks: 0 }))
  readonly #squares: number[]
  readonly #variances = scales.map(() => priorVariance)

  /** @param prior how clustered events are believed to be before any was seen. @default 4 */
  constructor(prior = priorDispersion) {
    this.#squares = scales.map(() => priorVariance * prior)
  }

  /**
   * Adds a tick of both halves.
   *
   * @param share the first half's share of the requests of both
   */
  add(first: number, second: number, share: number): void {
    if (!(share > 0 && share < 1)) return
    const events = first + second
    for (let scale = 0; scale < scales.length; scale++) {
      const block = this.#blocks[scale]!
      block.first += first
      block.expected += events * share
      block.variance += events * share * (1 - share)
      if (++block.ticks < scales[scale]!) continue
      this.#squares[scale]! += (block.first - block.expected) ** 2
      this.#variances[scale]! += block.variance
      block.first = block.expected = block.variance = block.ticks = 0
    }
  }

  /** Another one that knows the same, and learns by itself. */
  clone(): Dispersion {
    const copy = new Dispersion()
    for (let scale = 0; scale < scales.length; scale++) {
      Object.assign(copy.#blocks[scale]!, this.#blocks[scale])
      copy.#squares[scale] = this.#squares[scale]!
      copy.#variances[scale] = this.#variances[scale]!
    }
    return copy
  }

  /** `phi`, at least 1: the greatest of the scales. */
  get phi(): number {
    let greatest = 1
    for (let scale = 0; scale < scales.length; scale++)
      greatest = Math.max(greatest, this.#squares[scale]! / this.#variances[scale]!)
    return greatest
  }
}
