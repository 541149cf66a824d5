import type { AtlasError } from '@atlas/contract'
import type { Answer } from '../universal.ts'

/**
 * The answer to a request that no method can be asked with. It is text, because what is said in a protocol's own way would be
 * taken for an answer of the method.
 */
export function notACall(error: AtlasError, extra: readonly string[] = []): Answer {
  return {
    kind: 'answer',
    status: error.httpStatus,
    headers: [
      'content-type',
      'text/plain; charset=utf-8',
      'content-length',
      String(Buffer.byteLength(error.message)),
      'x-content-type-options',
      'nosniff',
      ...extra,
    ],
    body: error.message,
    error,
  }
}
