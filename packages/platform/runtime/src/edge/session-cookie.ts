import type { UniversalHeaders } from '../universal.ts'
import { admitsOrigin } from './cors.ts'
import type { CookiePolicy, EdgePolicy } from './edge-policy.ts'

/** The token in the session cookie of a request; undefined where there is none. */
export function sessionToken({ session }: CookiePolicy, { cookie }: UniversalHeaders): string | undefined {
  if (typeof cookie !== 'string' || !cookie.includes(session)) return undefined
  for (const pair of cookie.split(';')) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() !== session) continue
    try {
      return decodeURIComponent(pair.slice(at + 1).trim()) || undefined
    } catch {
      return undefined
    }
  }
  return undefined
}

/** `set-cookie` that keeps a token, or, with none, forgets it. Scripts of the page cannot read it. */
export function setCookie(policy: CookiePolicy, token: string | undefined): string {
  const { session, sameSite, secure, maxAgeDays } = policy
  const same = `${sameSite[0]!.toUpperCase()}${sameSite.slice(1)}`
  const age = token === undefined ? 0 : maxAgeDays * 24 * 60 * 60
  const value = encodeURIComponent(token ?? '')
  return `${session}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=${same}${secure ? '; Secure' : ''}`
}

const changesNothing: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request that is signed in by its cookie alone may be what somebody else's page made the browser send.
 * Browsers say where a request that changes something comes from; what says nothing is no browser.
 *
 * Source: OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata headers" and "Verifying origin".
 */
export function isForged({ cors }: EdgePolicy, method: string, headers: UniversalHeaders): boolean {
  if (changesNothing.has(method)) return false
  const { origin, host, ':authority': authority, 'sec-fetch-site': site } = headers
  if (site === 'same-origin' || site === 'none') return false
  if (typeof origin !== 'string') return site !== undefined
  if (cors?.credentials && admitsOrigin(cors, origin)) return false
  return !URL.canParse(origin) || new URL(origin).host !== (authority ?? host)
}
