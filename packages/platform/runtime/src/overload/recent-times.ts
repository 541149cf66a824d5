/** How many times are remembered; a power of two. */
const size = 64

/** What handlers took lately. */
export class RecentTimes {
  /** A moving average; 0 before the first. */
  meanMs = 0
  readonly #times = new Float64Array(size)
  #count = 0
  #median = 0
  /** How many there were when the median was last looked up. */
  #medianAt = 0

  add(durationMs: number): void {
    this.#times[this.#count & (size - 1)] = durationMs
    this.#count += 1
    this.meanMs += (durationMs - this.meanMs) / Math.min(this.#count, size)
  }

  /** Of the last 64, a few more or less; 0 before the first. Sorting is only for those who ask. */
  get medianMs(): number {
    if (this.#count - this.#medianAt >= Math.min(size / 4, this.#medianAt + 1)) {
      const sorted = this.#times.slice(0, Math.min(this.#count, size)).sort()
      this.#median = sorted[sorted.length >> 1]!
      this.#medianAt = this.#count
    }
    return this.#median
  }
}
