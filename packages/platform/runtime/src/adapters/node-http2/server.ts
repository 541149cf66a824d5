import { createServer, constants as http2, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Exchanges } from '../exchange.ts'
import { Bridge } from './bridge.ts'
import { type ExchangeStream, Http2Exchange } from './exchange.ts'
import { WatchedSession } from './session.ts'

/** HTTP/2 for connections that somebody else accepts. */
export interface Http2Server {
  /** Takes a connection over. What was read of it is put back. */
  take(socket: Socket): void
  /** Called every now and then: gives up on clients that do not move. */
  check(now: number): void
  /** Tells all clients to open no more streams, and still takes those that are on their way. */
  warn(): void
  /** Takes no more streams, and closes each connection after its last. */
  close(): void
  /** Frees what is left when no connection is. */
  end(): void
}

const mebibyte = 1024 * 1024

/** Makes a server on the streams of Node's `http2`; its requests and responses that look like HTTP/1.1 cost more. */
export function createHttp2Server(exchanges: Exchanges): Http2Server {
  const { limits } = exchanges
  const sessions = new Set<WatchedSession>()
  const bridge = new Bridge(limits)
  const shared = { exchanges, bridge }
  const server = createServer({
    maxSessionMemory: Math.ceil(limits.connectionBytes / mebibyte),
    // A header counts 32 bytes beside its name and value (RFC 9113, section 6.5.2), so the size is the tighter limit.
    maxHeaderListPairs: Math.ceil(limits.headerBytes / 32),
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: windowBytes,
      enablePush: false,
    },
  })
  server.on('session', (session: ServerHttp2Session) => {
    const socket = taking!
    const watched = new WatchedSession(session, socket, limits)
    sessions.add(watched)
    session.once('close', () => sessions.delete(watched))
    session.setLocalWindowSize(connectionWindowBytes)
    session.on('stream', (stream, headers, flags) => {
      // Without a listener an error would end the process. What is wrong with a stream its end says too.
      stream.on('error', ignore)
      if (stream.destroyed || stream.closed) return watched.reset()
      if (!watched.trusted) return stream.close(http2.NGHTTP2_ENHANCE_YOUR_CALM)
      const complete = (flags & http2.NGHTTP2_FLAG_END_STREAM) !== 0
      new Http2Exchange(stream as ExchangeStream, headers, complete, watched, shared).begin()
    })
  })
  let taking: Socket | undefined
  return {
    take: (socket) => {
      // A client that closes its end cannot want to hear more: its streams are open both ways.
      socket.allowHalfOpen = false
      taking = socket
      server.emit('connection', socket)
    },
    check: (now) => {
      for (const session of sessions) session.check(now)
    },
    warn: () => {
      for (const session of sessions) session.warn()
    },
    close: () => {
      for (const session of sessions) session.close()
    },
    end: () => {
      server.close()
      bridge.end()
    },
  }
}

/** What a client may send of one body before we have taken it: enough for 250 Mbit/s over 8 ms. */
const windowBytes = 256 * 1024

/** The same for all bodies of a connection. */
const connectionWindowBytes = mebibyte

function ignore(): void {}
