/** Options of a {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** How many retries each call pays for. @default 0.1: an outage of what is called costs it a tenth more, not three times */
  readonly ratio?: number
  /** Retries that are free at the start, and the most that are saved. @default 10: a few calls pay for too few */
  readonly reserve?: number
}

/**
 * What keeps retries from making an outage worse: a bucket of tokens. Each call puts `ratio` in, each retry takes one out.
 * Whatever comes in whatever order, there are at most `reserve + ratio * calls` retries.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #reserve: number
  #tokens: number

  constructor({ ratio = 0.1, reserve = 10 }: RetryBudgetOptions = {}) {
    this.#ratio = ratio
    this.#reserve = reserve
    this.#tokens = reserve
  }

  /** A call begins; its retries are none. */
  deposit(): void {
    this.#tokens = Math.min(this.#reserve, this.#tokens + this.#ratio)
  }

  /** Takes one retry, where there is one. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
