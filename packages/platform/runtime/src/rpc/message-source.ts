import type { AtlasError } from '@atlas/contract'
import type { BodySource } from '../universal.ts'

/** How a protocol sends the messages of a stream, and says how it ended. */
export interface MessageFraming {
  /** One message as it is sent. */
  message(value: unknown): Uint8Array | Promise<Uint8Array>
  /** Told once how the stream ends. What it returns is sent last. */
  end(error: AtlasError | undefined): Uint8Array | undefined
}

/** Sends messages, each as soon as it is there and asked for only when the one before was taken. */
export class MessageSource implements BodySource {
  readonly sizeBytes = undefined
  readonly heartbeat = undefined
  readonly #messages: AsyncIterator<unknown>
  readonly #framing: MessageFraming
  #ended = false

  constructor(messages: AsyncIterable<unknown>, framing: MessageFraming) {
    this.#messages = messages[Symbol.asyncIterator]()
    this.#framing = framing
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#ended) return { done: true, value: undefined }
    const message = await this.#messages.next()
    if (!message.done) return { done: false, value: await this.#framing.message(message.value) }
    this.#ended = true
    const last = this.#framing.end(undefined)
    return last === undefined ? { done: true, value: undefined } : { done: false, value: last }
  }

  cancel(): void {
    // Nobody waits for the return: a handler that ignores its signal would hold whoever did.
    this.#messages.return?.()?.catch(() => {})
  }

  tail(error: AtlasError): Uint8Array | string {
    this.#ended = true
    return this.#framing.end(error) ?? ''
  }
}
