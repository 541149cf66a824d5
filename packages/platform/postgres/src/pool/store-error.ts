import { AtlasError } from '@atlas/contract'

/** Marks errors that a store made, so that `@atlas/sdk` finds them inside what an ORM wrapped around them. */
const brand = Symbol.for('atlas.store-error')

/** Makes an error of a store that callers may see. */
export function storeError(...[code, message, init]: ConstructorParameters<typeof AtlasError>): AtlasError {
  return Object.defineProperty(new AtlasError(code, message, init), brand, { value: true })
}

/** SQLSTATEs of a server that is going away or not there yet, and the class of broken connections. */
const away = /^(57P0[1235]|08...)$/
const tooManyConnections = '53300'
const canceled = '57014'

const socketCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
])

/** What `pg` says when the connection broke under a query. It has no code for it. */
const broken =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired)/

/**
 * What a query's error is to whoever called: the server being away is `unavailable`, a query that was cancelled because
 * nobody waits is how the call ended. Everything else stays the error it was, with its SQLSTATE.
 *
 * @param store how to name the store in a message: `store 'links'`
 */
export function errorOfQuery(error: unknown, store: string, signal?: AbortSignal): unknown {
  if (!(error instanceof Error) || error instanceof AtlasError) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === canceled && signal?.aborted) return ended(store, signal, error)
  if (code === tooManyConnections)
    return storeError('unavailable', `${store} cannot be reached: its server has no connection left`, {
      cause: error,
    })
  if (away.test(code) || socketCodes.has(code) || broken.test(error.message))
    return storeError('unavailable', `${store} cannot be reached now`, { cause: error })
  return error
}

/** The error of a query that nobody waits for any more. */
export function ended(store: string, signal: AbortSignal, cause?: unknown): AtlasError {
  const { code } = AtlasError.from(signal.reason)
  const init = { cause: cause ?? signal.reason }
  return code === 'deadline_exceeded'
    ? storeError('deadline_exceeded', `the deadline passed while ${store} was asked`, init)
    : storeError('canceled', `the call was cancelled while ${store} was asked`, init)
}
