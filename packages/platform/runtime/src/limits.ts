/** What one server takes on. Everything that a client controls has a bound. */
export interface Limits {
  /** The largest JSON body of a request. @default 4 MiB: larger inputs should be bytes, which are never held as a whole */
  readonly jsonBodyBytes: number
  /** The largest request line and headers together. @default 16 KiB, as most proxies allow */
  readonly headerBytes: number
  /** How long a client may take to send its headers. @default 10 s */
  readonly headersTimeoutMs: number
  /** How long a client may take to send a JSON body. @default 30 s */
  readonly jsonBodyTimeoutMs: number
  /**
   * How long a client may neither send bytes that the server waits for nor take bytes that the server sends. There is
   * no limit on the whole of an upload or download, because a large one over a slow line is fine while it moves.
   *
   * @default 60 s
   */
  readonly stallTimeoutMs: number
  /** How long a connection may be idle between requests. @default 75 s, longer than load balancers keep theirs */
  readonly keepAliveTimeoutMs: number
  /** Connections at once; more are closed when they arrive. @default 10,000 */
  readonly connections: number
  /** Requests at once over one connection of HTTP/2. @default 250 */
  readonly streams: number
  /** What one connection of HTTP/2 may hold in memory before it takes no new requests. @default 32 MiB */
  readonly connectionBytes: number
  /**
   * How many more requests a client of HTTP/2 may take back at once than it lets finish, before its connection is
   * closed: each costs it almost nothing, and us a handler that starts. Forgotten within 10 s.
   *
   * @default 200
   */
  readonly hastyResets: number
  /** Pings and settings that a client of HTTP/2 may send in 10 s, before its connection is closed. @default 1,000 */
  readonly controlFrames: number
  /** How long a stream is silent before it shows that it lives: SSE by a comment. @default 15 s */
  readonly heartbeatMs: number
  /** How long the authenticator may take. @default 10 s */
  readonly authenticateTimeoutMs: number
  /** For how long a token that was found good is not checked again; a revoked one works that long. @default 30 s */
  readonly subjectCacheMs: number
  /** Tokens kept as found good. @default 10,000 */
  readonly subjectCacheSize: number
}

export const defaultLimits: Limits = {
  jsonBodyBytes: 4 * 1024 * 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  jsonBodyTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  keepAliveTimeoutMs: 75_000,
  connections: 10_000,
  streams: 250,
  connectionBytes: 32 * 1024 * 1024,
  hastyResets: 200,
  controlFrames: 1000,
  heartbeatMs: 15_000,
  authenticateTimeoutMs: 10_000,
  subjectCacheMs: 30_000,
  subjectCacheSize: 10_000,
}
