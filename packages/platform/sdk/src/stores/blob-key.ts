import { AtlasError } from '@atlas/contract'

/**
 * Checks the key of a blob. Stores keep blobs in folders and in object stores, so a key must be a path in both, and
 * never one that leads out of the store.
 *
 * @throws AtlasError `invalid_argument`
 */
export function checkBlobKey(key: string): void {
  const problem = problemOf(key)
  if (problem)
    throw new AtlasError('invalid_argument', `'${key.slice(0, 80)}' is not a key of a blob: ${problem}`)
}

const control = /\p{Cc}/u

function problemOf(key: string): string | undefined {
  if (key === '') return 'it is empty'
  if (!key.isWellFormed()) return 'it is not well-formed Unicode'
  if (Buffer.byteLength(key) > 1000) return 'it is longer than 1,000 bytes'
  if (control.test(key)) return 'it has control characters'
  const segments = key.split('/')
  if (segments.some((segment) => segment === '')) return `it starts or ends with '/' or has '//'`
  if (segments.some((segment) => segment === '.' || segment === '..')) return `it has the segment '.' or '..'`
  return undefined
}

/** The order of keys in every store: that of their UTF-8 bytes, which object stores use too. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** The error of a write whose `ifMatch` does not hold. */
export function matchFailed(key: string, ifMatch: string | null): AtlasError {
  const why = ifMatch === null ? 'exists already' : 'was changed meanwhile'
  return new AtlasError('failed_precondition', `blob '${key}' ${why}`)
}
