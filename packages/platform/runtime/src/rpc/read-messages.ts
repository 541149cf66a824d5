import type { RequestBody } from '../universal.ts'
import { messageTooLarge } from './compression.ts'
import { onlyMessage, opened, prefixBytes, type Reading, tooShort } from './envelope.ts'

const empty = Buffer.alloc(0)

/** The one message of a request. @throws AtlasError */
export async function readOnly(body: RequestBody | undefined, reading: Reading): Promise<unknown> {
  return onlyMessage(body ? await body.read(reading.maxBytes + prefixBytes) : empty, reading)
}

/**
 * The messages of a request as they arrive, read no faster than they are used. Ending the iteration lets go of the request.
 *
 * @throws AtlasError from the iteration
 */
export async function* readMessages(
  body: RequestBody | undefined,
  reading: Reading,
): AsyncGenerator<unknown, void, undefined> {
  if (!body) return
  const pending = new Pending()
  for await (const chunk of body.stream()) {
    pending.add(chunk)
    for (;;) {
      if (pending.size < prefixBytes) break
      const prefix = pending.peek(prefixBytes)
      const size = prefix.readUInt32BE(1)
      if (size > reading.maxBytes) throw messageTooLarge(reading.maxBytes)
      if (pending.size < prefixBytes + size) break
      yield await opened(prefix[0]!, pending.take(prefixBytes + size).subarray(prefixBytes), reading)
    }
  }
  if (pending.size > 0) throw tooShort()
}

/**
 * Bytes that came and were not used. A chunk that has whole messages is used where it is; of others the bytes are collected,
 * so that a message that comes byte by byte takes no more memory than it has bytes, twice at most.
 */
class Pending {
  #memory: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0
  /** Whether the memory after the end is ours to write to. */
  #ours = false

  get size(): number {
    return this.#end - this.#start
  }

  add(chunk: Uint8Array): void {
    if (this.size === 0) {
      this.#memory = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      this.#start = 0
      this.#end = chunk.byteLength
      this.#ours = false
      return
    }
    if (!this.#ours || this.#end + chunk.byteLength > this.#memory.byteLength) {
      const grown = Buffer.allocUnsafeSlow(2 * (this.size + chunk.byteLength))
      this.#memory.copy(grown, 0, this.#start, this.#end)
      this.#memory = grown
      this.#end = this.size
      this.#start = 0
      this.#ours = true
    }
    this.#memory.set(chunk, this.#end)
    this.#end += chunk.byteLength
  }

  /** The next bytes, left in place. */
  peek(size: number): Buffer {
    return this.#memory.subarray(this.#start, this.#start + size)
  }

  take(size: number): Buffer {
    const bytes = this.peek(size)
    this.#start += size
    return bytes
  }
}
