import { type ClientHttp2Stream, constants as http2 } from 'node:http2'
import { AtlasError } from '@atlas/contract'
import type { BodySource } from '../universal.ts'

/** The body of an answer that comes over HTTP/2, read no faster than its client takes it. */
export class StreamSource implements BodySource {
  sizeBytes: number | undefined = undefined
  readonly heartbeat = undefined
  /** What stood after the body, names and values in turns. */
  trailers: readonly string[] = []
  readonly #stream: ClientHttp2Stream
  readonly #name: string
  #cause: Error | undefined = undefined
  /** The server ended the answer: Node ends answers that were reset, too. */
  #complete = false
  #wake: (() => void) | undefined = undefined

  /** @param name whom errors are about */
  constructor(stream: ClientHttp2Stream, name: string) {
    this.#stream = stream
    this.#name = name
    const push = stream.push
    const self = this
    stream.push = function (this: ClientHttp2Stream, chunk, encoding) {
      self.#complete ||= chunk === null && !this.closed
      return push.call(this, chunk, encoding)
    }
    stream.on('trailers', (_headers, _flags, raw?: readonly string[]) => {
      this.trailers = raw ?? []
    })
    stream.on('error', (error) => {
      this.#cause = error
    })
    const wake = () => this.#wake?.()
    stream.on('readable', wake)
    stream.on('end', wake)
    stream.on('close', wake)
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const stream = this.#stream
    for (;;) {
      const value = stream.read() as Buffer | null
      if (value !== null) return { done: false, value }
      if (stream.readableEnded && this.#complete) return { done: true, value: undefined }
      if (stream.readableEnded || stream.destroyed) throw this.failure()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  /** The whole body. */
  async whole(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    for (;;) {
      const { done, value } = await this.next()
      if (done) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      chunks.push(value)
    }
  }

  /** There is no body. */
  discard(): void {
    this.#stream.resume()
  }

  /** Gives the request up. Closing a stream ends its upload in order first, which would look complete. */
  cancel(): void {
    const stream = this.#stream
    if (stream.writableEnded) stream.close(http2.NGHTTP2_CANCEL)
    else stream.destroy(new Error('the request was given up'))
  }

  /** Nothing inside of an answer of unknown kind can say that it failed: its connection is broken off. */
  tail(): undefined {}

  /** Why there is no (more of an) answer. */
  failure(): AtlasError {
    return new AtlasError('unavailable', `${this.#name} ended before it had answered; try again`, {
      cause: this.#cause ?? new Error(`the stream was reset (code ${this.#stream.rstCode})`),
    })
  }
}
