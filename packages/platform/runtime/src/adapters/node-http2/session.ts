import { constants as http2, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Limits } from '../../limits.ts'
import type { Http2Exchange } from './exchange.ts'

/** A stream that its client took back sooner than this was hardly meant. */
const hastyMs = 1000

/** What was held against a client is forgotten in this time. */
const forgivenMs = 10_000

/** How long a client gets to take what is on its way to it after the last word. */
const lastWordMs = 2000

/** The largest stream number: who is told to go with this one loses no stream that is on its way. */
const lastPossibleStream = 2 ** 31 - 1

/** One connection over HTTP/2, watched for what its client costs. */
export class WatchedSession {
  readonly socket: Socket
  readonly #session: ServerHttp2Session
  readonly #limits: Limits
  /** Exchanges that are not over, and when they began. */
  readonly #began = new Map<Http2Exchange, number>()
  #idleSince = performance.now()
  #checkedAt = this.#idleSince
  #greeted = false
  #closingSince = 0
  /** Streams that were taken back at once, less those that were not, and less what time has forgiven. */
  #resets = 0
  /** Frames that ask for an answer and belong to no stream, less what time has forgiven. */
  #control = 0

  constructor(session: ServerHttp2Session, socket: Socket, limits: Limits) {
    this.#session = session
    this.socket = socket
    this.#limits = limits
    session.on('remoteSettings', () => {
      this.#greeted = true
      this.#asked()
    })
    session.on('ping', () => this.#asked())
    // What is wrong with a connection ends it; nobody else is there to be told.
    session.on('error', () => {})
  }

  opened(exchange: Http2Exchange): void {
    this.#began.set(exchange, performance.now())
  }

  closed(exchange: Http2Exchange): void {
    const began = this.#began.get(exchange)
    if (began === undefined) return
    this.#began.delete(exchange)
    const now = performance.now()
    if (this.#began.size === 0) this.#idleSince = now
    if (exchange.ended) this.#resets = Math.max(0, this.#resets - 1)
    else if (now - began < hastyMs) this.reset()
  }

  /** The client took a stream back before it was looked at, or at once after. */
  reset(): void {
    if (++this.#resets > this.#limits.hastyResets) this.#calm()
  }

  /** Called every now and then: gives up on a client that does not greet, use or leave its connection. */
  check(now: number): void {
    const { headersTimeoutMs, keepAliveTimeoutMs, hastyResets, controlFrames } = this.#limits
    const part = (now - this.#checkedAt) / forgivenMs
    this.#checkedAt = now
    this.#resets = Math.max(0, this.#resets - hastyResets * part)
    this.#control = Math.max(0, this.#control - controlFrames * part)
    if (this.#began.size > 0) return
    const idleMs = now - this.#idleSince
    if (this.#closingSince) {
      if (now - Math.max(this.#closingSince, this.#idleSince) > lastWordMs) this.destroy()
    } else if (!this.#greeted && idleMs > headersTimeoutMs) this.destroy()
    else if (idleMs > keepAliveTimeoutMs) this.close()
  }

  /** Tells the client to open no more streams, and still takes those that are on their way. */
  warn(): void {
    if (!this.#session.destroyed) this.#session.goaway(http2.NGHTTP2_NO_ERROR, lastPossibleStream)
  }

  /** Takes no more streams, and closes the connection after the last. */
  close(): void {
    this.#closingSince ||= performance.now()
    this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
    // A client that reads nothing never takes the last word either.
    this.socket.destroy()
  }

  #asked(): void {
    if (++this.#control > this.#limits.controlFrames) this.#calm()
  }

  /** Ends a connection that is more work than use. */
  #calm(): void {
    if (this.#session.destroyed) return
    this.#closingSince ||= performance.now()
    this.#session.destroy(undefined, http2.NGHTTP2_ENHANCE_YOUR_CALM)
  }
}
