/** How often somebody may fail, and how long they wait then. */
export interface AttemptLimits {
  /** @default 10 */
  readonly attempts?: number
  /** @default 15 minutes */
  readonly windowMs?: number
  /** How many keys are remembered; the oldest is forgotten first. @default 10,000 */
  readonly keys?: number
  /** @default Date.now */
  readonly now?: () => number
}

/** Attempts by key. */
export type Attempts = ReturnType<typeof limitAttempts>

/**
 * Slows down who tries passwords of one account. In memory: each replica counts for itself, which multiplies the
 * limit by a small number, and guessing needs millions.
 */
export function limitAttempts(limits: AttemptLimits = {}) {
  const { attempts = 10, windowMs = 15 * 60_000, keys = 10_000, now = Date.now } = limits
  const seen = new Map<string, { count: number; readonly ends: number }>()
  return {
    /** Counts an attempt. Returns the seconds to wait before the next one, 0 where it may go on. */
    begin(key: string): number {
      const known = seen.get(key)
      if (known && known.ends > now()) {
        if (known.count >= attempts) return Math.ceil((known.ends - now()) / 1000)
        known.count++
        return 0
      }
      // Removed first, so that the map stays in the order of time.
      seen.delete(key)
      seen.set(key, { count: 1, ends: now() + windowMs })
      if (seen.size > keys) seen.delete(seen.keys().next().value!)
      return 0
    },
    /** Begins anew: the last attempt was right. */
    forget(key: string): void {
      seen.delete(key)
    },
  }
}
