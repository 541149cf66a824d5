import type { Attributes } from '@opentelemetry/api'
import type { SpanEvent, SpanLink, SpanRecord } from '../tracing/span-record.ts'
import type { EncodeSpans } from './encoding.ts'
import { groupSpans } from './group-spans.ts'
import { spanAttributes } from './span-attributes.ts'
import { spanFlags } from './span-flags.ts'

/**
 * Writes an ExportTraceServiceRequest in OTLP's JSON: protobuf's mapping, but ids in hex and enums as numbers
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
export const encodeJson: EncodeSpans = (spans, { resourceOf, clock }) => {
  const nanos = (ms: number) => `${clock.epochMicros(ms)}000`

  const event = ({ atMs, name, attributes }: SpanEvent) => ({
    timeUnixNano: nanos(atMs),
    name,
    attributes: keyValues(attributes),
  })

  const span = (record: SpanRecord) => {
    const { details, tracestate, parentSpanId } = record
    return {
      traceId: record.traceId,
      spanId: record.spanId,
      traceState: tracestate,
      parentSpanId,
      flags: spanFlags(record),
      name: record.name,
      kind: record.kind,
      startTimeUnixNano: nanos(record.startMs),
      endTimeUnixNano: nanos(record.endMs),
      attributes: keyValues(spanAttributes(record)),
      droppedAttributesCount: details?.droppedAttributes,
      events: details?.events.map(event),
      droppedEventsCount: details?.droppedEvents,
      links: details?.links.map(link),
      droppedLinksCount: details?.droppedLinks,
      status: record.status === 0 ? undefined : { code: record.status, message: details?.statusMessage },
    }
  }

  return Buffer.from(
    JSON.stringify({
      resourceSpans: groupSpans(spans).map(({ servlet, scopes }) => ({
        resource: { attributes: keyValues(resourceOf(servlet)) },
        scopeSpans: scopes.map(({ scope, spans }) => ({ scope, spans: spans.map(span) })),
      })),
    }),
  )
}

function link({ traceId, spanId, flags, attributes }: SpanLink) {
  return { traceId, spanId, flags, attributes: keyValues(attributes) }
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: double(value) }
  return Array.isArray(value) ? { arrayValue: { values: value.map(anyValue) } } : {}
}

/** JSON has no number for these; protobuf's mapping has names. */
function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}
