import type { SpanRecord } from '../tracing/span-record.ts'
import type { ResourceOf } from './resource.ts'
import type { WallClock } from './wall-clock.ts'

/** What an encoding needs beside the spans. */
export interface EncodingContext {
  readonly resourceOf: ResourceOf
  readonly clock: WallClock
}

/** Writes spans as the body of an OTLP request. */
export type EncodeSpans = (spans: readonly SpanRecord[], context: EncodingContext) => Uint8Array

/** The answer of a collector, as far as it matters. */
export interface ExportAnswer {
  /** How many spans it did not take, and why. */
  readonly rejected: number
  readonly message: string
}

/** How OTLP requests and their answers are written. */
export interface Encoding {
  readonly contentType: string
  readonly encode: EncodeSpans
  /** What cannot be read says nothing. */
  readonly decodeAnswer: (body: Uint8Array) => ExportAnswer
}
