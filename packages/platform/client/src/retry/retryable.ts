import { AtlasError } from '@atlas/contract'
import type { CallRequest } from '../client.ts'

/**
 * Whether a call that failed may be sent again: its endpoint says that repeating it changes nothing, its body can be read
 * again, and the error passes by itself. A typed error is an answer, and no outage.
 */
export function isRetryable({ endpoint, body }: CallRequest, error: unknown): error is AtlasError {
  if (!endpoint.idempotent || !isWhole(body)) return false
  if (!(error instanceof AtlasError) || error.kind !== undefined) return false
  // A body that is too large is exhausted too, and stays so: only who says when to come back means a retry.
  return (
    error.code === 'unavailable' || (error.code === 'resource_exhausted' && retryHintMs(error) !== undefined)
  )
}

/** When the callee said to come back: `data.retryAfterMs`, as overloaded servers say it. */
export function retryHintMs({ kind, data }: AtlasError): number | undefined {
  // Data of a kind is the contract's, whatever its fields are called.
  if (kind !== undefined || typeof data !== 'object' || data === null || !('retryAfterMs' in data))
    return undefined
  const { retryAfterMs } = data
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined
}

/** Streams can be read once. */
function isWhole(body: CallRequest['body']): boolean {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob
}
