import type { AtlasError } from '@atlas/contract'

/** The header is in whole seconds, and 0 invites a client to come back at once. */
const shortestMs = 1000

/** However long the backlog, it is a guess, and nobody should be sent away for minutes on one. Doubled by the spread. */
const longestMs = 15_000

/** What a hint is computed from. */
export interface Backlog {
  /** Requests that wait, and those refused lately: they come back as well. */
  readonly requests: number
  /** Infinity while nobody knows. */
  readonly servedPerMs: number
  /** From 0 to 1. */
  readonly random: number
}

/**
 * When to come back: after the time that the backlog takes, and up to twice that, because clients that are all told the
 * same come back all at once.
 */
export function retryAfterMs({ requests, servedPerMs, random }: Backlog): number {
  const drainMs = requests / servedPerMs
  return Math.round(Math.min(longestMs, Math.max(shortestMs, drainMs)) * (1 + random))
}

/** The value of the header `Retry-After`, in seconds, of an error that carries a hint. */
export function retryAfterHeader(error: AtlasError): string | undefined {
  const delayMs = retryAfterMsOf(error)
  return delayMs === undefined ? undefined : String(Math.ceil(delayMs / 1000))
}

/** When to come back, as an error says it. */
export function retryAfterMsOf({ kind, data }: AtlasError): number | undefined {
  // Data of a kind is the contract's, whatever its fields are called.
  if (kind !== undefined || typeof data !== 'object' || data === null || !('retryAfterMs' in data))
    return undefined
  const { retryAfterMs: delayMs } = data
  return typeof delayMs === 'number' && delayMs >= 0 && Number.isFinite(delayMs) ? delayMs : undefined
}
