import type { AtlasError, ByteStream } from '@atlas/contract'
import type { BodySource } from '../universal.ts'

type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/** Sends a byte stream as it is. Nothing inside raw bytes can say that they failed. */
export class ByteSource implements BodySource {
  readonly sizeBytes: number | undefined
  readonly heartbeat = undefined
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #first: Chunk | undefined

  private constructor(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    first: Chunk,
    sizeBytes: number | undefined,
  ) {
    this.#reader = reader
    this.#first = first
    this.sizeBytes = first.done ? (sizeBytes ?? 0) : sizeBytes
  }

  /** Reads the first chunk. @throws what the stream fails with */
  static async open(stream: ByteStream): Promise<ByteSource> {
    const reader = stream.getReader()
    return new ByteSource(reader, await reader.read(), stream.sizeBytes)
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#first ?? (await this.#reader.read())
    this.#first = undefined
    return chunk.done ? { done: true, value: undefined } : chunk
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {})
  }

  tail(_error: AtlasError): undefined {
    return undefined
  }
}
