import type { AtlasError } from '@atlas/contract'

const origin = Symbol.for('atlas.error.origin')

/** Notes on an error that it is the answer of a call, so that a handler that lets it pass is not taken for its author. */
export function markOrigin(error: AtlasError, endpoint: string): AtlasError {
  if (!(origin in error)) Object.defineProperty(error, origin, { value: endpoint })
  return error
}

/** The endpoint whose answer an error is (`identity.verify`), or undefined for an error made here. */
export function originOf(error: AtlasError): string | undefined {
  return (error as { [origin]?: string })[origin]
}
