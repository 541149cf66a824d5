import type { Readable } from 'node:stream'
import { AtlasError } from '@atlas/contract'
import type { RequestBody } from '../universal.ts'
import type { Exchange } from './exchange.ts'

/** A stream of Node's that knows its exchange, so that listeners need no closure. */
export interface RequestStream extends Readable {
  exchange: Exchange | undefined
  /**
   * Gives everything that comes from now on to a taker, past the buffers and events of the stream; undefined gives it to the
   * stream again. False where that cannot be, because the stream has some of it already.
   */
  divert?(taker: BodyTaker | undefined): boolean
}

/** Takes a body as it comes. */
export interface BodyTaker {
  collect(chunk: Buffer): void
  end(): void
}

/**
 * In the place of a time: the next look at who does not move takes its own. Most waits are over by then, and asking for the
 * time at each of them would cost more than the wait.
 */
export const fromNextLook = -1

/** The body of a request as Node's servers have it: a stream. */
export class IncomingBody implements RequestBody, BodyTaker {
  readonly sizeBytes: number | undefined
  /** When the wait for the client began, by `performance.now()`, or {@link fromNextLook}; 0 while nobody waits for it. */
  waitingSince = 0
  /** Whether the client is asked for progress, or for the whole body in time. */
  streaming = false
  /** Of what came, what was read. */
  readBytes = 0
  readonly #source: RequestStream
  #chunks: Buffer[] = []
  #maxBytes = 0
  #resolve: ((whole: Buffer) => void) | undefined = undefined
  #reject: ((error: AtlasError) => void) | undefined = undefined
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined = undefined
  #ended = false

  constructor(source: RequestStream, sizeBytes: number | undefined) {
    this.#source = source
    this.sizeBytes = sizeBytes
  }

  read(maxBytes: number): Promise<Buffer> {
    if (this.sizeBytes !== undefined && this.sizeBytes > maxBytes) return Promise.reject(tooLarge(maxBytes))
    this.#maxBytes = maxBytes
    this.waitingSince = fromNextLook
    const source = this.#source
    if (!source.divert?.(this)) {
      source.on('data', collect)
      source.on('end', end)
    }
    source.exchange!.proceed()
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  stream(): ReadableStream<Uint8Array> {
    this.streaming = true
    const source = this.#source
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#stream = controller
        },
        pull: () => {
          // A body comes at the pace of its client, who must not hold a place of others with it.
          source.exchange!.scope.yield()
          if (this.waitingSince === 0) {
            this.waitingSince = performance.now()
            if (source.listenerCount('data') === 0) {
              source.on('data', pass)
              source.on('end', end)
              source.exchange!.proceed()
            } else source.resume()
          }
        },
        cancel: () => this.#stop(),
      },
      // Nothing is read before somebody asks: a body that is refused by its type or size should not be sent at all.
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    )
  }

  /** Ends the wait of whoever reads: the client went away, or the request is given up. */
  fail(error: AtlasError): void {
    this.#reject?.(error)
    this.#stream?.error(error)
    this.#stop()
  }

  /** Whether somebody reads, or may begin to. */
  get open(): boolean {
    return !this.#ended
  }

  /** Keeps the whole body. */
  collect(chunk: Buffer): void {
    this.readBytes += chunk.byteLength
    if (this.readBytes > this.#maxBytes) {
      this.#reject?.(tooLarge(this.#maxBytes))
      this.#stop()
    } else this.#chunks.push(chunk)
  }

  /** Passes on what came, and pauses the client when the handler is behind. */
  pass(chunk: Buffer): void {
    this.readBytes += chunk.byteLength
    this.waitingSince = performance.now()
    this.#stream?.enqueue(chunk)
    if (this.#stream && this.#stream.desiredSize! <= 0) {
      this.waitingSince = 0
      this.#source.pause()
    }
  }

  /** The client sent all of it. */
  end(): void {
    this.#ended = true
    const chunks = this.#chunks
    this.#resolve?.(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    this.#stream?.close()
    this.waitingSince = 0
    this.#chunks = []
  }

  #stop(): void {
    if (this.#ended) return
    this.#ended = true
    const source = this.#source
    this.waitingSince = 0
    this.#chunks = []
    this.#resolve = undefined
    this.#reject = undefined
    this.#stream = undefined
    if (!this.streaming) source.divert?.(undefined)
    source.off('data', this.streaming ? pass : collect)
    source.off('end', end)
    source.pause()
  }
}

// Shared by all requests: a function for each would be made anew a hundred thousand times a second.
function collect(this: RequestStream, chunk: Buffer): void {
  this.exchange!.body!.collect(chunk)
}

function pass(this: RequestStream, chunk: Buffer): void {
  this.exchange!.body!.pass(chunk)
}

function end(this: RequestStream): void {
  this.exchange!.body!.end()
}

function tooLarge(maxBytes: number): AtlasError {
  return new AtlasError('resource_exhausted', `the body is larger than ${maxBytes} bytes`, {
    httpStatus: 413,
  })
}
