import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What a socket is told, and who hears what is written to it. */
export interface BridgeEnd {
  /** What was written. Calling `taken` lets the writer go on. */
  heard(chunks: readonly Buffer[], taken: () => void): void
  /** Nothing more will be written. */
  heardAll(): void
  /** The socket is gone. */
  lost(): void
  /** What was pushed is read; more may be. */
  wanted(): void
}

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'remoteFamily' | 'localAddress' | 'localPort'>

/** A connection in memory, of which servers and apps see the end that looks like a socket. */
export class BridgeSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly remoteFamily: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** What apps ask to learn whether a request came over TLS. */
  readonly encrypted: boolean
  /** The other end; undefined between two requests. */
  other: BridgeEnd | undefined = undefined

  /** Says of its peer what is true of another socket's. */
  constructor(peer: Peer) {
    super({ allowHalfOpen: true })
    this.remoteAddress = peer.remoteAddress
    this.remotePort = peer.remotePort
    this.remoteFamily = peer.remoteFamily
    this.localAddress = peer.localAddress
    this.localPort = peer.localPort
    this.encrypted = 'encrypted' in peer
  }

  // What servers and frameworks call on sockets. Time limits are kept where the request came in.
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.end(() => this.destroy())
  }

  override _read(): void {
    this.other?.wanted()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.other) this.other.heard([chunk], done)
    else done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    if (this.other)
      this.other.heard(
        chunks.map(({ chunk }) => chunk),
        done,
      )
    else done()
  }

  override _final(done: () => void): void {
    this.other?.heardAll()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.other?.lost()
    done(error)
  }
}
