import { Readable } from 'node:stream'
import type { BodyTaker } from '../incoming-body.ts'
import type { ExchangeStream } from './exchange.ts'

/**
 * Gives all that comes of a stream's body to a taker, past the buffers and events of the stream, which cost as much as
 * everything else that is done for a small request. Undefined gives it to the stream again.
 *
 * @returns false where the stream has some of it already
 */
export function divert(this: ExchangeStream, taker: BodyTaker | undefined): boolean {
  if (taker === undefined) {
    if (this.taker === undefined) return true
    this.taker = undefined
    this.push = Readable.prototype.push
    return true
  }
  const { length, ended } = (this as unknown as { _readableState: { length: number; ended: boolean } })
    ._readableState
  if (length > 0 || ended) return false
  this.taker = taker
  this.push = pushToTaker
  // Tells Node to read.
  this.read(0)
  return true
}

/** Node pushes here what came, and null at the end. */
function pushToTaker(this: ExchangeStream, chunk: Buffer | null): boolean {
  if (chunk !== null) {
    this.taker!.collect(chunk)
    return true
  }
  // Node pushes null also when it lets go of a stream.
  if (this.destroyed || this.taken) return false
  // Node lets go of a stream when its answer is sent and nobody reads it; its own event would never say so.
  this.readable = false
  // The client took the request back and called that no error. Who waits for the body has heard of it.
  if (this.closed) this.destroy()
  else {
    this.taken = true
    this.taker!.end()
  }
  return false
}
