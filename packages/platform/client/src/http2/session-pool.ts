import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'

/** What a server is taken to allow at once before it said so (RFC 9113, section 6.5.2, recommends no less). */
const presumedStreams = 100

/** How long a server may leave unanswered whether it is there. */
const pingMs = 5000

/** What we take of one answer, and of all answers together, before they are read. */
const windowBytes = 1024 * 1024

/** A connection, and how many requests run over it. */
export interface PooledSession {
  readonly session: ClientHttp2Session
  streams: number
  /** The last request that the server looked at, if it is going away. */
  lastStream: number
}

/** The connections to one server. */
export class SessionPool {
  readonly #origin: string
  readonly #socketPath: string | undefined
  readonly #open = new Set<PooledSession>()
  #closed = false

  /** @param socketPath the Unix socket of the server; `origin` is then only what it is called */
  constructor(origin: string, socketPath?: string) {
    this.#origin = origin
    this.#socketPath = socketPath
  }

  /** A connection for one more request; a new one where all have as many as their server allows. */
  take(): PooledSession {
    if (this.#closed) throw new Error('the transport is closed')
    for (const pooled of this.#open) {
      const allowed = pooled.session.remoteSettings?.maxConcurrentStreams ?? presumedStreams
      if (pooled.streams < allowed) return hold(pooled)
    }
    return hold(this.#connect())
  }

  /** A request is over. */
  release(pooled: PooledSession): void {
    pooled.streams--
    // A connection that nothing runs over must not keep the process alive.
    if (pooled.streams === 0 && !pooled.session.destroyed) pooled.session.unref()
  }

  /** Asks whether the other end is there, and gives the connection up when it does not say. */
  probe({ session }: PooledSession): void {
    if (session.destroyed || session.closed) return
    const timer = setTimeout(() => session.destroy(), pingMs)
    timer.unref()
    if (!session.ping(() => clearTimeout(timer))) clearTimeout(timer)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(
      [...this.#open].map(
        ({ session }) =>
          new Promise<void>((resolve) => {
            session.once('close', resolve)
            session.close()
          }),
      ),
    )
  }

  #connect(): PooledSession {
    const path = this.#socketPath
    const session = connect(this.#origin, {
      ...(path === undefined ? {} : { createConnection: () => connectSocket(path) }),
      settings: { enablePush: false, initialWindowSize: windowBytes },
    })
    const pooled: PooledSession = { session, streams: 0, lastStream: Number.POSITIVE_INFINITY }
    const leave = () => this.#open.delete(pooled)
    this.#open.add(pooled)
    session.once('connect', () => session.setLocalWindowSize(windowBytes))
    session.on('goaway', (_code, lastStream) => {
      pooled.lastStream = lastStream
      leave()
    })
    session.on('close', leave)
    // Each request over the connection hears of it.
    session.on('error', leave)
    return pooled
  }
}

function hold(pooled: PooledSession): PooledSession {
  if (pooled.streams++ === 0) pooled.session.ref()
  return pooled
}
