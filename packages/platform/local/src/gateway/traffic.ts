/** How many of the latest requests of a servlet quantiles are of. */
const kept = 1024

/** What went on at one servlet since the start. */
export interface ServletTraffic {
  readonly requests: number
  /** Those of them that failed by the servlet's fault. */
  readonly errors: number
  /** Half of the latest requests took no longer; null before the first. */
  readonly p50Ms: number | null
  /** 99 of 100 of the latest requests took no longer; null before the first. */
  readonly p99Ms: number | null
}

interface Counted {
  requests: number
  errors: number
  readonly durationsMs: Float32Array
}

/** Counts requests by servlet. */
export class Traffic {
  readonly #servlets = new Map<string, Counted>()

  record(servlet: string, durationMs: number, failed: boolean): void {
    let counted = this.#servlets.get(servlet)
    if (!counted) {
      counted = { requests: 0, errors: 0, durationsMs: new Float32Array(kept) }
      this.#servlets.set(servlet, counted)
    }
    counted.durationsMs[counted.requests % kept] = durationMs
    counted.requests++
    if (failed) counted.errors++
  }

  of(servlet: string): ServletTraffic {
    const counted = this.#servlets.get(servlet)
    if (!counted) return { requests: 0, errors: 0, p50Ms: null, p99Ms: null }
    const { requests, errors, durationsMs } = counted
    const sorted = durationsMs.slice(0, Math.min(requests, kept)).sort()
    const at = (share: number) => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
      return Math.round(value * 1000) / 1000
    }
    return { requests, errors, p50Ms: at(0.5), p99Ms: at(0.99) }
  }
}
