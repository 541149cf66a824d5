/** Less is the inaccuracy of the clocks themselves, and would make spans of one trace jump against each other. */
const toleratedMs = 5

/**
 * Makes times since `performance.timeOrigin` into times since 1970. The machine's clock is corrected while a process
 * runs, and after some days would be far from the one that only counts.
 */
export class WallClock {
  #offsetMs = performance.timeOrigin

  /** Looks at the machine's clock. */
  adjust(epochMs = Date.now(), nowMs = performance.now()): void {
    const offsetMs = epochMs - nowMs
    if (Math.abs(offsetMs - this.#offsetMs) > toleratedMs) this.#offsetMs = offsetMs
  }

  /** In microseconds, the most that a number holds exactly. */
  epochMicros(sinceOriginMs: number): number {
    return Math.round((this.#offsetMs + sinceOriginMs) * 1000)
  }
}
