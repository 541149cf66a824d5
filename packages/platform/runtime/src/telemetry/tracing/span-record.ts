import type { Attributes, AttributeValue } from '@opentelemetry/api'

/** What all spans of one kind have in common. Made once for each endpoint, and for each tracer of user code. */
export interface SpanSource {
  /** Whose span it is: what backends show as the service. */
  readonly servlet: string
  /** What made it, as OpenTelemetry's instrumentation scope. */
  readonly scope: { readonly name: string; readonly version: string | undefined }
  readonly attributes: Attributes
}

/** The kinds of spans by their numbers in OTLP, which are those of the API plus one. */
export const spanKinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const

/** The kind of a span in OTLP. */
export type SpanKindNumber = (typeof spanKinds)[keyof typeof spanKinds]

/** The status of a span by its number, the same in OTLP and the API. */
export const spanStatuses = { unset: 0, ok: 1, error: 2 } as const

/** The status of a span in OTLP. */
export type SpanStatusNumber = (typeof spanStatuses)[keyof typeof spanStatuses]

/** What only some spans have: what user code said about them. */
export interface SpanDetails {
  readonly attributes: Map<string, AttributeValue>
  droppedAttributes: number
  readonly events: SpanEvent[]
  droppedEvents: number
  readonly links: SpanLink[]
  droppedLinks: number
  statusMessage: string | undefined
}

/** Something that happened during a span. */
export interface SpanEvent {
  /** Since `performance.timeOrigin`. */
  readonly atMs: number
  readonly name: string
  readonly attributes: Attributes
}

/** Another span that has to do with a span. */
export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
  readonly attributes: Attributes
}

/** A span that is over, ready for export. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  /** Undefined at the root. */
  readonly parentSpanId: string | undefined
  readonly parentRemote: boolean
  readonly flags: number
  readonly tracestate: string | undefined
  readonly source: SpanSource
  readonly name: string
  readonly kind: SpanKindNumber
  readonly status: SpanStatusNumber
  /** Both since `performance.timeOrigin`. */
  readonly startMs: number
  readonly endMs: number
  /** How it ended, as a code's number; -1 where that has no meaning. */
  readonly codeNumber: number
  /** 0 where there is none. */
  readonly httpStatus: number
  /** -1 where nobody counted. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly path: string | undefined
  readonly details: SpanDetails | undefined
}
