import { hexOfWord } from '../tracing/hex.ts'

/** The ids of a trace, as far as an exemplar needs them. */
interface TraceWords {
  readonly t0: number
  readonly t1: number
  readonly t2: number
  readonly t3: number
  readonly s0: number
  readonly s1: number
}

/** One example of a value of a bucket. */
export interface Exemplar {
  readonly traceId: string
  readonly spanId: string
  readonly value: number
  readonly epochMs: number
}

/** The latest example of each bucket: numbers, made into text when somebody scrapes. */
export class Exemplars {
  readonly #words: Uint32Array
  readonly #values: Float64Array

  constructor(buckets: number) {
    this.#words = new Uint32Array(buckets * 6)
    this.#values = new Float64Array(buckets * 2)
  }

  set(bucket: number, value: number, { t0, t1, t2, t3, s0, s1 }: TraceWords, epochMs: number): void {
    const words = this.#words
    const at = bucket * 6
    words[at] = t0
    words[at + 1] = t1
    words[at + 2] = t2
    words[at + 3] = t3
    words[at + 4] = s0
    words[at + 5] = s1
    this.#values[bucket * 2] = value
    this.#values[bucket * 2 + 1] = epochMs
  }

  get(bucket: number): Exemplar | undefined {
    const epochMs = this.#values[bucket * 2 + 1]!
    if (epochMs === 0) return undefined
    const hex = (index: number) => hexOfWord(this.#words[bucket * 6 + index]!)
    return {
      traceId: hex(0) + hex(1) + hex(2) + hex(3),
      spanId: hex(4) + hex(5),
      value: this.#values[bucket * 2]!,
      epochMs,
    }
  }
}
