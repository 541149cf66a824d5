import { AtlasError } from '@atlas/contract'
import { encodeError } from './http/encode-response.ts'
import type { Answer } from './universal.ts'

/** The error of a path that nobody has. */
export function nothingServed(path: string): AtlasError {
  return new AtlasError('unimplemented', `nothing is served at ${path}`, { httpStatus: 404 })
}

/** The error of a path below `/-/` that is no page. */
export function noSuchPage(path: string, pages: readonly string[]): AtlasError {
  const message = `nothing is served at ${path}; there are ${pages.join(', ')}`
  return new AtlasError('unimplemented', message, { httpStatus: 404 })
}

/** The answer to a method that a path does not have, or to the question which it has. */
export function notAllowed(method: string, allowed: readonly string[]): Answer {
  const allow = ['allow', allowed.join(', ')]
  if (method === 'OPTIONS')
    return { kind: 'answer', status: 204, headers: allow, body: undefined, error: undefined }
  const message = `${method} is not served here; use ${allowed.filter((name) => name !== 'OPTIONS').join(' or ')}`
  return encodeError(new AtlasError('unimplemented', message, { httpStatus: 405 }), allow)
}
