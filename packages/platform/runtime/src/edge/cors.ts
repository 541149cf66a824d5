import type { UniversalHeaders } from '../universal.ts'
import type { CorsPolicy } from './edge-policy.ts'

/** Answers' headers that pages of other origins may read besides the few that they always may. */
const exposed =
  'etag, deprecation, sunset, link, retry-after, grpc-status, grpc-message, grpc-status-details-bin'

/** Whether pages of an origin may read answers. */
export function admitsOrigin({ origins }: CorsPolicy, origin: string): boolean {
  return origins.includes('*') || origins.includes(origin)
}

/** The headers of every answer. `vary` is there without an origin, too: a cache must not keep that answer for one with. */
export function corsHeaders(policy: CorsPolicy, headers: UniversalHeaders): string[] {
  const vary = ['vary', 'origin']
  const origin = headers.origin
  if (typeof origin !== 'string' || !admitsOrigin(policy, origin)) return vary
  return [...vary, ...allowed(policy, origin), 'access-control-expose-headers', exposed]
}

/** The answer's headers to a question beforehand; undefined where the request is none, or not from an origin that may. */
export function preflightHeaders(
  policy: CorsPolicy,
  method: string,
  headers: UniversalHeaders,
): string[] | undefined {
  const { origin, 'access-control-request-method': wanted, 'access-control-request-headers': named } = headers
  if (method !== 'OPTIONS' || typeof origin !== 'string' || typeof wanted !== 'string') return undefined
  if (!admitsOrigin(policy, origin)) return undefined
  return [
    ...['vary', 'origin, access-control-request-method, access-control-request-headers'],
    ...allowed(policy, origin),
    ...['access-control-allow-methods', wanted],
    ...(typeof named === 'string' ? ['access-control-allow-headers', named] : []),
    ...['access-control-max-age', String(policy.maxAgeSeconds)],
  ]
}

function allowed({ origins, credentials }: CorsPolicy, origin: string): string[] {
  const value = origins.includes('*') && !credentials ? '*' : origin
  return [
    ...['access-control-allow-origin', value],
    ...(credentials ? ['access-control-allow-credentials', 'true'] : []),
  ]
}
