import type { Context, Span } from '@opentelemetry/api'
import { TraceContext } from '../tracing/trace-context.ts'
import { parseTraceparent } from '../tracing/traceparent.ts'
import { spanKey } from './context.ts'

/** Where a context of `@opentelemetry/api` stands in a trace; undefined when in none. */
export function traceIn(context: Context): TraceContext | undefined {
  const span = context.getValue(spanKey) as Span | undefined
  if (span === undefined || span instanceof TraceContext) return span
  return adopted(span)
}

/** A span that the API made itself around ids that came from elsewhere, out of a message for one. */
function adopted(span: Span): TraceContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const flags = (traceFlags & 255).toString(16).padStart(2, '0')
  const parsed = parseTraceparent(`00-${traceId}-${spanId}-${flags}`)
  if (!parsed) return undefined
  const trace = new TraceContext()
  trace.copy(parsed, traceState?.serialize())
  trace.remote = true
  return trace
}
