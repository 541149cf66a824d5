import { hash } from 'node:crypto'
import { AtlasError, type Code } from '@atlas/contract'
import type { Limits } from './limits.ts'

/** Says who a bearer token belongs to. @throws AtlasError when it is not accepted, or that cannot be found out now */
export type Authenticate = (token: string, signal: AbortSignal) => Promise<unknown>

interface Known {
  readonly subject: unknown
  readonly until: number
}

type AuthenticationLimits = Pick<Limits, 'authenticateTimeoutMs' | 'subjectCacheMs' | 'subjectCacheSize'>

/**
 * Remembers who tokens belong to, for a short time and by their hashes, so that a copy of memory holds no tokens.
 * Requests that come with the same token at once wait for one answer. Refusals are not kept.
 */
export function cachedAuthentication(authenticate: Authenticate, limits: AuthenticationLimits) {
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<unknown>>()

  const ask = async (token: string, key: string): Promise<unknown> => {
    try {
      const signal = AbortSignal.timeout(limits.authenticateTimeoutMs)
      const subject = frozenCopy(await authenticate(token, signal))
      known.set(key, { subject, until: performance.now() + limits.subjectCacheMs })
      if (known.size > limits.subjectCacheSize) known.delete(known.keys().next().value!)
      return subject
    } catch (reason) {
      throw refused(reason)
    } finally {
      asking.delete(key)
    }
  }

  return (token: string): unknown => {
    const key = hash('sha256', token, 'base64')
    const found = known.get(key)
    if (found && found.until > performance.now()) {
      // Put last again: the first ones are those that were not used for longest.
      known.delete(key)
      known.set(key, found)
      return found.subject
    }
    let asked = asking.get(key)
    if (!asked) {
      asked = ask(token, key)
      asking.set(key, asked)
    }
    return asked
  }
}

/** The token of `Authorization: Bearer <token>`; other schemes are for mounted apps. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined
  return authorization.slice('bearer '.length).trim() || undefined
}

const badToken: ReadonlySet<Code> = new Set([
  'unauthenticated',
  'invalid_argument',
  'not_found',
  'out_of_range',
])
const notNow: ReadonlySet<Code> = new Set([
  'unavailable',
  'deadline_exceeded',
  'resource_exhausted',
  'canceled',
])

/** The authenticator's errors are about the token, the caller's are about the call. */
function refused(reason: unknown): AtlasError {
  const cause = AtlasError.from(reason)
  if (cause.code === 'permission_denied') return new AtlasError('permission_denied', cause.message, { cause })
  if (badToken.has(cause.code))
    return new AtlasError('unauthenticated', `the token is not accepted: ${cause.message}`, { cause })
  if (notNow.has(cause.code))
    return new AtlasError('unavailable', 'who is signed in cannot be checked now', { cause })
  return new AtlasError('internal', 'internal error', { cause })
}

/** Requests share what is kept, so nothing may change it. */
function frozenCopy(subject: unknown): unknown {
  return freeze(structuredClone(subject))
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}
