import type { AtlasError } from '@atlas/contract'

/** What is known of a request when it is over. */
export interface RequestLog {
  readonly method: string
  /** Without the query, where callers put what no log should have. */
  readonly path: string
  /** Undefined when nothing was found under the path. */
  readonly servlet: string | undefined
  /** Undefined for mounted apps. */
  readonly endpoint: string | undefined
  /** What was sent; 499 when the caller went away before an answer. */
  readonly status: number
  readonly durationMs: number
  /** Of the request's body, as far as it was read; undefined for mounted apps. */
  readonly bytesIn: number | undefined
  /** Of the answer's body; undefined for mounted apps. */
  readonly bytesOut: number | undefined
  /** With its cause, which the caller did not see. */
  readonly error: AtlasError | undefined
}
