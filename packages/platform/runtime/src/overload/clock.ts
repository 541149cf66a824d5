/** The time, and a wake-up call. Passed in, so that tests and simulations run on a time of their own. */
export interface Clock {
  /** Never goes back; for durations. */
  monotonicMs(): number
  /** Since 1970, as deadlines are written. */
  epochMs(): number
  /** Calls once. Must not keep the process alive. */
  callIn(delayMs: number, callback: () => void): void
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  callIn: (delayMs, callback) => {
    setTimeout(callback, delayMs).unref()
  },
}
