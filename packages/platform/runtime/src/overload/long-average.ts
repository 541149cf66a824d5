/** How many values are averaged evenly before the average begins to forget. */
const warmup = 10

/**
 * A moving average that remembers about `window` values. The first ones weigh the same, so that it does not stay near
 * the very first for long.
 */
export class LongAverage {
  value = 0
  #count = 0
  readonly #factor: number

  constructor(window: number) {
    this.#factor = 2 / (window + 1)
  }

  get empty(): boolean {
    return this.#count === 0
  }

  add(sample: number): void {
    let factor = this.#factor
    if (this.#count < warmup) {
      this.#count += 1
      factor = 1 / this.#count
    }
    this.value += (sample - this.value) * factor
  }

  /** Forgets what it knew. */
  restart(value: number): void {
    this.value = value
    this.#count = warmup
  }
}
