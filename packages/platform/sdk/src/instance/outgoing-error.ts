import { originOf } from '@atlas/client'
import { AtlasError, type Code, type Endpoint, parserOf } from '@atlas/contract'

/**
 * What a caller may see of something a handler threw.
 *
 * - A typed error of this endpoint, or an AtlasError without a kind, as it is, without its cause.
 * - An error of a servlet called on the way, where the handler let it pass: its code if that is about the call as a
 *   whole, else `internal`, because "not found" there is not "not found" here.
 * - Anything else: `internal`, and nothing more.
 */
export function outgoingError(endpoint: Endpoint, reason: unknown): AtlasError {
  const error = AtlasError.from(reason)
  const origin = originOf(error)
  if (origin !== undefined) {
    if (passing.has(error.code))
      return new AtlasError(error.code, `${origin}: ${error.message}`, { cause: error })
    return new AtlasError('internal', 'internal error', { cause: error })
  }
  if (error.kind === undefined) return error
  const spec = Object.hasOwn(endpoint.errors, error.kind) ? endpoint.errors[error.kind] : undefined
  const parsed = spec?.code === error.code ? parserOf(spec.data)(error.data ?? {}) : undefined
  if (!parsed?.ok) return new AtlasError('internal', 'internal error', { cause: error })
  return new AtlasError(error.code, error.message, {
    kind: error.kind,
    data: parsed.value,
    cause: error.cause,
  })
}

/** Codes that say the same to whoever waits further up. */
const passing: ReadonlySet<Code> = new Set([
  'canceled',
  'deadline_exceeded',
  'resource_exhausted',
  'unauthenticated',
  'unavailable',
])
