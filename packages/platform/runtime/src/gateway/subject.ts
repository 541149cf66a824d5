import { AtlasError } from '@atlas/contract'

/**
 * How a gateway tells a servlet, over a connection that nobody else can open, what it found out about a request: which
 * listener it came by, which servlet calls, and who is signed in. `token` is the way round: what a servlet shows the gateway.
 */
export const hopHeaders = {
  listener: 'x-atlas-listener',
  caller: 'x-atlas-caller',
  subject: 'x-atlas-subject',
  /** Of a call between servlets, to the gateway: proves who calls. It goes no further. */
  token: 'x-atlas-token',
} as const

/** Headers of this beginning are the platform's own. What comes from outside under such a name is dropped. */
export const ownPrefix = 'x-atlas-'

/** A subject as the value of a header: JSON in base64url, because names may be in any script. */
export function encodeSubject(subject: unknown): string {
  return Buffer.from(JSON.stringify(subject)).toString('base64url')
}

/** The subject of a header. @throws AtlasError `invalid_argument` when it is none: a gateway does not write such */
export function decodeSubject(value: string): unknown {
  try {
    return JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))
  } catch (cause) {
    throw new AtlasError('invalid_argument', `the header ${hopHeaders.subject} has no subject`, { cause })
  }
}
