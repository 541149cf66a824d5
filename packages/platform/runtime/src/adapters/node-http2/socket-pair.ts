import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort' | 'remoteFamily' | 'localAddress' | 'localPort'>

/** One end of a connection in memory, which looks like a socket as far as servers and apps look. */
export class PairedSocket extends Duplex {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly remoteFamily: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  /** What apps ask to learn whether a request came over TLS. */
  readonly encrypted: boolean
  #other: PairedSocket | undefined = undefined
  /** Lets the other end write on. */
  #taken: (() => void) | undefined = undefined

  constructor(peer: Peer) {
    super({ allowHalfOpen: true })
    this.remoteAddress = peer.remoteAddress
    this.remotePort = peer.remotePort
    this.remoteFamily = peer.remoteFamily
    this.localAddress = peer.localAddress
    this.localPort = peer.localPort
    this.encrypted = 'encrypted' in peer
  }

  join(other: PairedSocket): void {
    this.#other = other
  }

  // What frameworks call on sockets. Time limits are kept where the request came in.
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
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const other = this.#other!
    if (other.destroyed || other.push(chunk)) done()
    else other.#taken = done
  }

  override _final(done: () => void): void {
    this.#other!.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const other = this.#other!
    this._read()
    other.#taken = undefined
    // An end that said all it had to say may go; what it said is still to be read.
    if (!this.writableFinished) other.destroy()
    done(error)
  }
}

/** Two ends of a connection in memory. Both say of their peer what is said of this one. */
export function socketPair(peer: Peer): [near: PairedSocket, far: PairedSocket] {
  const near = new PairedSocket(peer)
  const far = new PairedSocket(peer)
  near.join(far)
  far.join(near)
  return [near, far]
}
