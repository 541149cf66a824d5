/** How long retries wait. */
export interface Backoff {
  /** The longest wait before the first retry; it doubles from there. @default 100 ms */
  readonly firstMs?: number
  /** The longest wait there is. @default 5 s */
  readonly mostMs?: number
}

/**
 * How long to wait before a retry, the first one being 1: anything up to a limit that doubles, because callers who failed
 * together should not come back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/,
 * "full jitter"). Where the callee said when to come back, it is that long and not less.
 *
 * @param random from 0 to 1
 */
export function backoffMs(
  retry: number,
  { firstMs = 100, mostMs = 5000 }: Backoff,
  random: number,
  saidMs: number | undefined,
): number {
  const jittered = random * Math.min(mostMs, firstMs * 2 ** (retry - 1))
  return saidMs === undefined ? jittered : saidMs + jittered
}
