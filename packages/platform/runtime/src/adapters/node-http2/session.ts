import { writeSync } from 'node:fs'
import { constants as http2, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { Limits } from '../../limits.ts'
import type { BridgeSocket } from './bridge-socket.ts'

/** A stream that its client took back sooner than this was hardly meant. */
const hastyMs = 1000

/** What was held against a client is forgotten in this time. */
const forgivenMs = 10_000

/** How long a client gets to take what is on its way to it after the last word. */
const lastWordMs = 2000

/** GOAWAY without an error and with the largest stream number (RFC 9113, section 6.8). */
const shutdownNotice = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])

interface Handle {
  readonly fd?: number
  readonly writeQueueSize?: number
}

/**
 * Writes a whole frame past Node, whose own `goaway` lets go of every later stream without a word, whatever number it
 * names. Nothing is written over TLS, or where earlier frames are still to be sent: their client does not read, so
 * it hardly sends. False when the connection cannot be used any more.
 */
function writePast(socket: Socket, frame: Buffer): boolean {
  const { fd = -1, writeQueueSize } = (socket as { _handle?: Handle })._handle ?? {}
  if ('encrypted' in socket || fd < 0 || writeQueueSize !== 0) return true
  try {
    return writeSync(fd, frame) === frame.byteLength
  } catch {
    // Full, or closed a moment ago. Nothing was written.
    return true
  }
}

/** One connection over HTTP/2, watched for what its client costs. */
export class WatchedSession {
  readonly socket: Socket
  /** Connections in memory to mounted apps that no request is on. */
  readonly idleBridges: BridgeSocket[] = []
  readonly #session: ServerHttp2Session
  readonly #limits: Limits
  /** Exchanges that are not over. */
  #open = 0
  #idleSince = performance.now()
  #checkedAt = this.#idleSince
  #greeted = false
  #closingSince = 0
  #calmed = false
  #heardAt = this.#idleSince
  /** When it was asked whether it is there; 0 while it is not. */
  #pingedAt = 0
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
    session.once('close', () => {
      for (const bridge of [...this.idleBridges]) bridge.destroy()
    })
    // What is wrong with a connection ends it; nobody else is there to be told.
    session.on('error', () => {})
  }

  /** Whether its client may have what it asks for. */
  get trusted(): boolean {
    return !this.#calmed
  }

  opened(): void {
    this.#open++
  }

  /** An exchange is over; when it began, if its client took it back. */
  closed(takenBackSince: number | undefined): void {
    if (--this.#open === 0) this.#idleSince = performance.now()
    if (takenBackSince === undefined) this.#resets = Math.max(0, this.#resets - 1)
    else if (performance.now() - takenBackSince < hastyMs) this.reset()
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
    // The client had a moment to read why.
    if (this.#calmed) return this.destroy()
    if (this.#open > 0) return this.#checkPresence(now)
    const idleMs = now - this.#idleSince
    if (this.#closingSince) {
      if (now - Math.max(this.#closingSince, this.#idleSince) > lastWordMs) this.destroy()
    } else if (!this.#greeted && idleMs > headersTimeoutMs) this.destroy()
    else if (idleMs > keepAliveTimeoutMs) this.close()
  }

  /** Tells the client to open no more streams, and still takes those that are on their way. */
  warn(): void {
    if (!this.#session.destroyed && !writePast(this.socket, shutdownNotice)) this.destroy()
  }

  /** Takes no more streams, and closes the connection after the last. */
  close(): void {
    this.#closingSince ||= performance.now()
    this.#session.close()
  }

  destroy(): void {
    // Node takes a code in the place of an error.
    this.#session.destroy((this.#calmed ? http2.NGHTTP2_ENHANCE_YOUR_CALM : http2.NGHTTP2_NO_ERROR) as never)
    // A client that reads nothing never takes the last word either.
    this.socket.destroy()
  }

  /**
   * Asks a client that waits for answers whether it is there. Its connection may be gone without a word; and after some
   * mistakes of a client Node reads no more, so that it does not even see the connection close.
   */
  #checkPresence(now: number): void {
    const { stallTimeoutMs } = this.#limits
    if (this.#pingedAt) {
      if (now - this.#pingedAt > stallTimeoutMs) this.destroy()
    } else if (now - this.#heardAt > stallTimeoutMs / 2) {
      this.#pingedAt = now
      const heard = (failed: Error | null) => {
        if (failed) return
        this.#pingedAt = 0
        this.#heardAt = performance.now()
      }
      if (this.#session.destroyed) this.destroy()
      else this.#session.ping(heard)
    }
  }

  #asked(): void {
    if (++this.#control > this.#limits.controlFrames) this.#calm()
  }

  /** Ends a connection that is more work than use. From now on Node lets go of new streams without a word. */
  #calm(): void {
    if (this.#calmed || this.#session.destroyed) return
    this.#calmed = true
    this.#session.goaway(http2.NGHTTP2_ENHANCE_YOUR_CALM)
  }
}
