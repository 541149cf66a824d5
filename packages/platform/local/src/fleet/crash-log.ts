/**
 * So many ends within so short a time are a loop, not an accident. Of those by somebody else's hand it takes more: a person may try
 * what a kill does, and only a kernel that wants memory kills in a loop.
 */
const mostOf = { crashed: 3, killed: 10 }
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
  #ends: { readonly at: number; readonly how: keyof typeof mostOf }[] = []
  #pauses = 0
  #failures = 0

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Notes an end; a pause when there were too many of its kind. */
  ended(how: keyof typeof mostOf): Pause | undefined {
    const now = this.#now()
    this.#ends = [...this.#ends.filter(({ at }) => now - at <= withinMs), { at: now, how }]
    this.#failures = 0
    const times = this.#ends.filter((end) => end.how === how).length
    if (times < mostOf[how]) return undefined
    this.#ends = []
    return {
      times,
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
    this.#ends = []
    this.#pauses = 0
    this.#failures = 0
  }
}
