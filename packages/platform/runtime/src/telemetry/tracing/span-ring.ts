import { hexOfWord } from './hex.ts'
import type { RecordingSpan } from './recording-span.ts'
import type { SpanDetails, SpanKindNumber, SpanRecord, SpanSource, SpanStatusNumber } from './span-record.ts'

/** Numbers of a span: ids, and what fits into bits. */
const wordsEach = 10
const numbersEach = 6

/**
 * Spans that are over and wait for their export, in memory that is reserved once: numbers, which become text when they
 * are taken out. When it is full, new ones are dropped, and counted.
 */
export class SpanRing {
  dropped = 0
  readonly #capacity: number
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  readonly #names: string[]
  readonly #sources: (SpanSource | undefined)[]
  readonly #details: (SpanDetails | undefined)[]
  readonly #tracestates: (string | undefined)[]
  readonly #paths: (string | undefined)[]
  #first = 0
  #size = 0
  #added: () => void = () => {}

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#words = new Uint32Array(capacity * wordsEach)
    this.#numbers = new Float64Array(capacity * numbersEach)
    this.#names = new Array(capacity).fill('')
    this.#sources = new Array(capacity).fill(undefined)
    this.#details = new Array(capacity).fill(undefined)
    this.#tracestates = new Array(capacity).fill(undefined)
    this.#paths = new Array(capacity).fill(undefined)
  }

  get size(): number {
    return this.#size
  }

  /** Calls a function whenever a span was added. */
  onAdded(added: () => void): void {
    this.#added = added
  }

  /** Copies a span that is over. */
  add(span: RecordingSpan): void {
    if (this.#size === this.#capacity) {
      this.dropped += 1
      return
    }
    const slot = (this.#first + this.#size) % this.#capacity
    this.#size += 1
    const words = this.#words
    const at = slot * wordsEach
    words[at] = span.t0
    words[at + 1] = span.t1
    words[at + 2] = span.t2
    words[at + 3] = span.t3
    words[at + 4] = span.s0
    words[at + 5] = span.s1
    words[at + 6] = span.p0
    words[at + 7] = span.p1
    words[at + 8] = span.flags | (span.parentRemote ? 256 : 0)
    words[at + 9] = span.kind | (span.status << 8)
    const numbers = this.#numbers
    const from = slot * numbersEach
    numbers[from] = span.startMs
    numbers[from + 1] = span.endMs
    numbers[from + 2] = span.codeNumber
    numbers[from + 3] = span.httpStatus
    numbers[from + 4] = span.bytesIn
    numbers[from + 5] = span.bytesOut
    this.#names[slot] = span.name
    this.#sources[slot] = span.source
    this.#details[slot] = span.details
    this.#tracestates[slot] = span.tracestate
    this.#paths[slot] = span.path
    this.#added()
  }

  /** Takes out the oldest spans, at most so many. */
  take(most: number): SpanRecord[] {
    const count = Math.min(most, this.#size)
    const records: SpanRecord[] = []
    for (let index = 0; index < count; index += 1) {
      const slot = (this.#first + index) % this.#capacity
      records.push(this.#read(slot))
      this.#sources[slot] = undefined
      this.#details[slot] = undefined
      this.#paths[slot] = undefined
    }
    this.#first = (this.#first + count) % this.#capacity
    this.#size -= count
    return records
  }

  #read(slot: number): SpanRecord {
    const word = (index: number) => this.#words[slot * wordsEach + index]!
    const number = (index: number) => this.#numbers[slot * numbersEach + index]!
    const hex = (index: number) => hexOfWord(word(index))
    return {
      traceId: hex(0) + hex(1) + hex(2) + hex(3),
      spanId: hex(4) + hex(5),
      parentSpanId: word(6) === 0 && word(7) === 0 ? undefined : hex(6) + hex(7),
      parentRemote: (word(8) & 256) !== 0,
      flags: word(8) & 255,
      tracestate: this.#tracestates[slot],
      source: this.#sources[slot]!,
      name: this.#names[slot]!,
      kind: (word(9) & 255) as SpanKindNumber,
      status: (word(9) >>> 8) as SpanStatusNumber,
      startMs: number(0),
      endMs: number(1),
      codeNumber: number(2),
      httpStatus: number(3),
      bytesIn: number(4),
      bytesOut: number(5),
      path: this.#paths[slot],
      details: this.#details[slot],
    }
  }
}
