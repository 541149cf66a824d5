import type { Estimate } from './statistics.ts'

/**
 * One raw measurement: what was run (`case`), and what was read from it. Rows of one `part` have the same columns; a page has a
 * table for each.
 */
export type Row = Readonly<Record<string, string | number>>

/** What a bench is run with. */
export interface BenchOptions {
  /** A smoke test of the bench itself: smaller and fewer, its numbers mean little. */
  readonly quick: boolean
  /** An empty folder inside the repository, so that what is installed there resolves; removed afterwards. */
  readonly scratch: string
  /** Tells people how far it is. */
  readonly progress: (text: string) => void
}

/** What a bench found. */
export interface Measured {
  /** Every measurement, in the order they were made. */
  readonly rows: readonly Row[]
  /** Atlas's figure over that of a peer or a case in the same run, by its name; greater is better. */
  readonly ratios: Readonly<Record<string, Estimate>>
  /** Numbers with their unit in the name. */
  readonly figures: Readonly<Record<string, Estimate | number>>
  /** What the figures have to keep to. */
  readonly bars: readonly Bar[]
  /** What it was run with: sizes, rounds, options of tools. */
  readonly flags: Readonly<Record<string, string | number>>
  /** Versions of what was measured. */
  readonly versions: Readonly<Record<string, string>>
  /** How it was measured and what the numbers do not say, as Markdown. */
  readonly method: string
}

/** A bound on a figure. */
export interface Bar {
  readonly figure: string
  readonly atMost?: number
  readonly atLeast?: number
}

/** A bench that `npm run bench` knows. */
export interface Bench {
  readonly name: string
  /** What it measures, in one sentence. */
  readonly summary: string
  run(options: BenchOptions): Promise<Measured>
}
