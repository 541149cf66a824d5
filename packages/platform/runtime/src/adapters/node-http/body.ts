import { AtlasError } from '@atlas/contract'
import type { RequestBody } from '../../universal.ts'
import type { Exchange, IncomingRequest } from './exchange.ts'

/** The body of a request that came over Node's `http`. */
export class NodeBody implements RequestBody {
  readonly sizeBytes: number | undefined
  /** When the wait for the client began, by `performance.now()`; 0 while nobody waits for it. */
  waitingSince = 0
  /** Whether the client is asked for progress, or for the whole body in time. */
  streaming = false
  /** Of what came, what was read. */
  readBytes = 0
  readonly #exchange: Exchange
  #chunks: Buffer[] = []
  #maxBytes = 0
  #resolve: ((whole: Buffer) => void) | undefined = undefined
  #reject: ((error: AtlasError) => void) | undefined = undefined
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined = undefined
  #ended = false

  constructor(exchange: Exchange, sizeBytes: number | undefined) {
    this.#exchange = exchange
    this.sizeBytes = sizeBytes
  }

  read(maxBytes: number): Promise<Buffer> {
    if (this.sizeBytes !== undefined && this.sizeBytes > maxBytes) return Promise.reject(tooLarge(maxBytes))
    this.#maxBytes = maxBytes
    this.waitingSince = performance.now()
    const { request } = this.#exchange
    request.on('data', collect)
    request.on('end', end)
    this.#exchange.proceed()
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  stream(): ReadableStream<Uint8Array> {
    this.streaming = true
    const { request } = this.#exchange
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#stream = controller
        },
        pull: () => {
          if (this.waitingSince === 0) {
            this.waitingSince = performance.now()
            if (request.listenerCount('data') === 0) {
              request.on('data', pass)
              request.on('end', end)
              this.#exchange.proceed()
            } else request.resume()
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
      this.#exchange.request.pause()
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
    const { request } = this.#exchange
    this.waitingSince = 0
    this.#chunks = []
    this.#resolve = undefined
    this.#reject = undefined
    this.#stream = undefined
    request.off('data', this.streaming ? pass : collect)
    request.off('end', end)
    request.pause()
  }
}

// Shared by all requests: a function for each would be made anew a hundred thousand times a second.
function collect(this: IncomingRequest, chunk: Buffer): void {
  this.exchange!.nodeBody!.collect(chunk)
}

function pass(this: IncomingRequest, chunk: Buffer): void {
  this.exchange!.nodeBody!.pass(chunk)
}

function end(this: IncomingRequest): void {
  this.exchange!.nodeBody!.end()
}

function tooLarge(maxBytes: number): AtlasError {
  return new AtlasError('resource_exhausted', `the body is larger than ${maxBytes} bytes`, {
    httpStatus: 413,
  })
}
