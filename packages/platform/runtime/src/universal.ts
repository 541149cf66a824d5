import type { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import type { RequestScope } from './request-scope.ts'

/** A request as the protocols see it, whatever socket it came by. */
export interface UniversalRequest {
  readonly method: string
  /** The path as sent: starts with '/', percent-encoded. */
  readonly path: string
  /** The query as sent, without its '?'; empty where there is none. */
  readonly query: string
  /** By lower-case name. */
  readonly headers: UniversalHeaders
  /** Undefined when the request has none. */
  readonly body: RequestBody | undefined
  /** Whether the answer can end with trailers. @default false */
  readonly trailers?: boolean
  readonly scope: RequestScope
  /** Answers with an error now, or ends a stream with it, whatever the handler is doing. */
  interrupt(error: AtlasError): void
}

/** Headers by lower-case name. */
export type UniversalHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The body of a request. It can be read once, in one of two ways. */
export interface RequestBody {
  /** As announced; undefined when the client did not say. */
  readonly sizeBytes: number | undefined
  /** The whole body. @throws AtlasError `resource_exhausted` (413) before reading more than `maxBytes` */
  read(maxBytes: number): Promise<Buffer>
  /** The body as it arrives, read no faster than it is used. */
  stream(): ReadableStream<Uint8Array>
}

/** What to do with a request: answer it, or hand it over to a mounted app. */
export type UniversalResponse = Answer | Handover

/** An answer. */
export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** Names and values in turns; a name may come twice. */
  readonly headers: readonly string[]
  readonly body: string | Uint8Array | BodySource | undefined
  /** Of the body as it is sent, where that was counted already and the body is not made while it is sent. */
  readonly sizeBytes?: number
  /** Sent after the body, names and values in turns; asked for when the body has ended, however it did. */
  readonly trailers?: () => readonly string[]
  /** For the log. */
  readonly error: AtlasError | undefined
}

/** A mounted app has the rest: it needs the request as its framework knows it, which only an adapter has. */
export interface Handover {
  readonly kind: 'handover'
  readonly mount: RunningMount
}

/** A body that is made while it is sent. */
export interface BodySource {
  /** When known, no more and no fewer bytes are sent. */
  readonly sizeBytes: number | undefined
  /** Sent when nothing else was for a while. */
  readonly heartbeat: string | undefined
  next(): Promise<IteratorResult<string | Uint8Array, unknown>>
  /** Lets go of whatever makes the body. */
  cancel(): void
  /**
   * What says inside the body that it failed; empty where the trailers say so, undefined where nothing but a broken
   * connection can.
   */
  tail(error: AtlasError): string | Uint8Array | undefined
}

/** Whether a body is made while it is sent. */
export function isSource(body: Answer['body']): body is BodySource {
  return typeof body === 'object' && !(body instanceof Uint8Array)
}
