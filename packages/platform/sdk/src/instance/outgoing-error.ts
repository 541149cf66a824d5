import { originOf } from '@atlas/client'
import { AtlasError, type Code, type Endpoint, parserOf } from '@atlas/contract'
import type { CallFacts } from '../context.ts'
import { storeErrorIn } from '../stores/store-error.ts'

/**
 * What a caller may see of something a handler threw.
 *
 * - A typed error of this endpoint, or an AtlasError without a kind, as it is, without its cause.
 * - An error of a servlet called on the way, where the handler let it pass: its code if that is about the call as a
 *   whole, else `internal`, because "not found" there is not "not found" here.
 * - An error that a store made, also where an ORM wrapped it: that the store is away, say.
 * - The web's and Node's own errors of an aborted signal: that the call was cancelled or late, if it was. A handler may
 *   give up on something of its own, and that is not the caller's doing.
 * - Anything else: `internal`, and nothing more.
 */
export function outgoingError(
  endpoint: Pick<Endpoint, 'errors'>,
  reason: unknown,
  call: Pick<CallFacts, 'signal' | 'deadline'>,
): AtlasError {
  const error = AtlasError.from(reason)
  const origin = originOf(error)
  if (origin !== undefined) {
    if (passing.has(error.code) && !(error.code === 'canceled' && !stopped(call)))
      return new AtlasError(error.code, `${origin}: ${error.message}`, { cause: error })
    return internal(error)
  }
  if (error !== reason) {
    const ofStore = storeErrorIn(reason)
    if (ofStore) return new AtlasError(ofStore.code, ofStore.message, { cause: reason })
  }
  if (error !== reason && error.code !== 'internal' && !stopped(call)) return internal(reason)
  if (error.kind === undefined) return error
  const spec = Object.hasOwn(endpoint.errors, error.kind) ? endpoint.errors[error.kind] : undefined
  const parsed = spec?.code === error.code ? parserOf(spec.data)(error.data ?? {}) : undefined
  if (!parsed?.ok) return internal(error)
  return new AtlasError(error.code, error.message, {
    kind: error.kind,
    data: parsed.value,
    cause: error.cause,
  })
}

function internal(cause: unknown): AtlasError {
  return new AtlasError('internal', 'internal error', { cause })
}

/** Whether the caller stopped the call, or its deadline did. */
export function stopped({ signal, deadline }: Pick<CallFacts, 'signal' | 'deadline'>): boolean {
  return signal.aborted || (deadline !== undefined && deadline <= Date.now())
}

/** Codes that say the same to whoever waits further up. */
const passing: ReadonlySet<Code> = new Set([
  'canceled',
  'deadline_exceeded',
  'resource_exhausted',
  'unauthenticated',
  'unavailable',
])
