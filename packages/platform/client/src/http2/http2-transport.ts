import type { Transport } from '../client.ts'
import { type HttpTransportOptions, httpTransport } from '../http/http-transport.ts'
import { http2Fetch } from './http2-fetch.ts'
import { SessionPool } from './session-pool.ts'

/** Options of {@link http2Transport}. */
export interface Http2TransportOptions extends Omit<HttpTransportOptions, 'fetch'> {
  /**
   * Connects to the Unix socket at this path, in cleartext; `baseUrl`, `http://files`, then only says what the server is
   * called. @default none: `baseUrl` says where the server is
   */
  readonly socketPath?: string
}

/** Carries calls over connections that it keeps. */
export interface Http2Transport extends Transport {
  /** Lets calls that run finish, and closes the connections. Later calls fail as `unavailable`. */
  close(): Promise<void>
}

/**
 * Carries calls as plain HTTP requests over HTTP/2, in cleartext or TLS as `baseUrl` says: all at once over a connection
 * that stays open. For Node only; it needs a server that speaks HTTP/2, as Atlas's do.
 *
 * A call that the server says it never looked at, because it was going away or busy, is sent again, whatever it does;
 * except one with a stream as its body, which can be read only once. Nothing else is ever sent twice.
 */
export function http2Transport(options: Http2TransportOptions): Http2Transport {
  const pool = new SessionPool(new URL(options.baseUrl).origin, options.socketPath)
  const transport = httpTransport({ ...options, fetch: http2Fetch(pool) })
  return { unary: transport.unary, stream: transport.stream, close: () => pool.close() }
}
