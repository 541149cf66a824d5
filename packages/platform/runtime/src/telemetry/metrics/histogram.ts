import { Exemplars } from './exemplars.ts'

/** What is known of a distribution: how many values fell into each bucket. */
export interface Buckets {
  /** The upper edges, ascending; a value equal to an edge is below it. There is one more bucket than edges. */
  readonly edges: readonly number[]
  /** Of each bucket by itself, not of all below it. */
  readonly counts: ArrayLike<number>
  readonly sum: number
}

/** Counts values in buckets with fixed edges. Recording makes no object. */
export class Histogram implements Buckets {
  readonly edges: readonly number[]
  readonly counts: Float64Array
  /** Undefined until a request with a recorded trace came. */
  exemplars: Exemplars | undefined = undefined
  readonly #edges: Float64Array
  readonly #sum = new Float64Array(1)

  constructor(edges: readonly number[]) {
    this.edges = edges
    this.#edges = Float64Array.from(edges)
    this.counts = new Float64Array(edges.length + 1)
  }

  get sum(): number {
    return this.#sum[0]!
  }

  /** Counts a value and says into which bucket it fell. What is no number, or below zero because a clock was set, is 0. */
  record(value: number): number {
    const counted = value > 0 ? value : 0
    const bucket = this.#bucketOf(counted)
    this.counts[bucket]! += 1
    this.#sum[0]! += counted
    return bucket
  }

  /** Remembers the trace of a value that was recorded, as the example of its bucket. */
  exemplify(bucket: number, value: number, trace: Parameters<Exemplars['set']>[2], epochMs: number): void {
    this.exemplars ??= new Exemplars(this.counts.length)
    this.exemplars.set(bucket, value, trace, epochMs)
  }

  /** The first bucket whose edge is not below the value. */
  #bucketOf(value: number): number {
    const edges = this.#edges
    let low = 0
    let high = edges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (edges[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
