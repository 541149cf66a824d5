/** What an environment decides about browsers, for all servlets at once. */
export interface EdgePolicy {
  readonly cors?: CorsPolicy | undefined
  readonly cookies?: CookiePolicy | undefined
}

/** Which pages of other origins may read answers. */
export interface CorsPolicy {
  /** `https://app.acme.example`, or `*` for all. */
  readonly origins: readonly string[]
  /** Whether their requests may carry the session cookie. */
  readonly credentials: boolean
  /** How long a browser may remember what it asked beforehand. */
  readonly maxAgeSeconds: number
}

/** The cookie that carries the token of whoever is signed in. */
export interface CookiePolicy {
  /** Its name. */
  readonly session: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  /** Whether browsers send it over TLS, and to this machine, only. */
  readonly secure: boolean
  readonly maxAgeDays: number
}
