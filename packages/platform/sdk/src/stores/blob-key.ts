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

/** Object stores take 1,024 bytes, in which a key has to fit with what it needs escaped and with the place of its store. */
const longestKeyBytes = 400

function problemOf(key: string): string | undefined {
  if (key === '') return 'it is empty'
  if (!key.isWellFormed()) return 'it is not well-formed Unicode'
  if (Buffer.byteLength(key) > longestKeyBytes) return 'it is longer than 400 bytes'
  if (control.test(key)) return 'it has control characters'
  const segments = key.split('/')
  if (segments.some((segment) => segment === '')) return `it starts or ends with '/' or has '//'`
  if (segments.some((segment) => segment === '.' || segment === '..')) return `it has the segment '.' or '..'`
  return undefined
}

/** Object stores keep metadata in headers of 2 KiB, some of which is ours. */
const mostMetadataBytes = 1800

/**
 * Writes the metadata of a blob as ASCII, as it travels in a header.
 *
 * @throws AtlasError `invalid_argument` when it is larger than object stores take
 */
export function blobMetadataJson(key: string, metadata: Readonly<Record<string, string>>): string {
  // Blanks too: signatures of headers do not tell one from two.
  const text = JSON.stringify(metadata).replaceAll(
    /[^\x21-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  if (text.length > mostMetadataBytes)
    throw new AtlasError(
      'invalid_argument',
      `the metadata of blob '${key}' has ${text.length} bytes; 1,800 is the most`,
    )
  return text
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
