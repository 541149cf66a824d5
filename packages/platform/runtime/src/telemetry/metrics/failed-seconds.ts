/** Callers beyond that share one place, so that nobody who makes up names takes memory. */
const mostCallers = 256

/**
 * Counts seconds with a failure, for each caller. One incident makes a burst of failures (retries, say), and a canary
 * that took each of them for evidence of its own would often be rolled back for one hiccup.
 */
export class FailedSeconds {
  count = 0
  readonly #last = new Map<string, number>()

  /** A request of this caller failed; undefined is everybody outside. */
  add(caller: string | undefined, nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    const known = caller ?? ''
    const name = this.#last.has(known) || this.#last.size < mostCallers ? known : '*'
    if (this.#last.get(name) === second) return
    this.#last.set(name, second)
    this.count += 1
  }
}
