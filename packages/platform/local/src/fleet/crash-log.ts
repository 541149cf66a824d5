/** So many ends within so short a time are a loop, not an accident. */
const mostCrashes = 3
const withinMs = 10_000

/** How long nothing is tried after the first loop; doubled with each that follows. */
const firstPauseMs = 5000
const longestPauseMs = 60_000

/** A start that fails is tried again by the first request after this. */
const failedPauseMs = 1000

/** What to do about a process that keeps ending. */
export interface Pause {
  readonly times: number
  readonly withinMs: number
  readonly pauseMs: number
}

/** Remembers when a process ended without being told to, and says when to leave it for a while. */
export class CrashLog {
  readonly #now: () => number
  #times: number[] = []
  #pauses = 0
  #failures = 0

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Notes a crash; a pause when there were too many. */
  crashed(): Pause | undefined {
    const now = this.#now()
    this.#times = [...this.#times.filter((time) => now - time <= withinMs), now]
    this.#failures = 0
    if (this.#times.length < mostCrashes) return undefined
    this.#times = []
    return {
      times: mostCrashes,
      withinMs,
      pauseMs: Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses++),
    }
  }

  /** Notes a start that failed; how long to wait before the next, in milliseconds. */
  failed(): number {
    return Math.min(longestPauseMs, failedPauseMs * 2 ** this.#failures++)
  }

  /** Everything is new. */
  forget(): void {
    this.#times = []
    this.#pauses = 0
    this.#failures = 0
  }
}
