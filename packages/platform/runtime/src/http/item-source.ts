import type { AtlasError } from '@atlas/contract'
import type { BodySource } from '../universal.ts'
import { stringifyError } from './encode-response.ts'
import type { Framing } from './framing.ts'

/** Sends the items of a stream, each as soon as it is there and asked for only when the one before was taken. */
export class ItemSource implements BodySource {
  readonly sizeBytes = undefined
  readonly framing: Framing
  readonly #items: AsyncIterator<unknown>
  #first: Promise<IteratorResult<unknown>> | undefined
  #ended = false

  constructor(items: AsyncIterable<unknown>, framing: Framing) {
    this.framing = framing
    this.#items = items[Symbol.asyncIterator]()
  }

  get heartbeat(): string | undefined {
    return this.framing.heartbeat
  }

  /**
   * Waits for the first item, so that a stream that fails before it has a status of its own, but not for long: a stream
   * may have nothing to say for hours.
   *
   * @throws AtlasError that the stream begins with
   */
  async begin(patienceMs: number): Promise<void> {
    const first = this.#items.next()
    this.#first = first
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    try {
      await Promise.race([first, patience])
    } finally {
      clearTimeout(timer)
    }
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (this.#ended) return { done: true, value: undefined }
    const pending = this.#first ?? this.#items.next()
    this.#first = undefined
    const item = await pending
    if (!item.done) return { done: false, value: this.framing.item(JSON.stringify(item.value)) }
    this.#ended = true
    const { end } = this.framing
    return end === undefined ? { done: true, value: undefined } : { done: false, value: end }
  }

  cancel(): void {
    // A first item that nobody waits for any more must not fail unseen. Nobody waits for the return either: a handler
    // that ignores its signal would hold whoever did.
    this.#first?.catch(() => {})
    this.#items.return?.()?.catch(() => {})
  }

  tail(error: AtlasError): string {
    return this.framing.error(stringifyError(error))
  }
}
