import type { TextMapGetter, TextMapPropagator } from '@opentelemetry/api'
import { TraceContext } from '../tracing/trace-context.ts'
import { headersOf } from '../tracing/trace-headers.ts'
import { parseTraceparent } from '../tracing/traceparent.ts'
import { spanKey } from './context.ts'
import { traceIn } from './trace-in.ts'

/** Writes and reads W3C trace context for user code, in messages and calls that the platform does not carry. */
export const propagator: TextMapPropagator = {
  inject(context, carrier, setter) {
    const trace = traceIn(context)
    if (!trace) return
    for (const [name, value] of Object.entries(headersOf(trace))) setter.set(carrier, name, value)
  },
  extract(context, carrier, getter) {
    const header = single(getter.get(carrier, 'traceparent'))
    const parsed = header === undefined ? undefined : parseTraceparent(header)
    if (!parsed) return context
    const trace = new TraceContext()
    trace.copy(parsed, joined(getter.get(carrier, 'tracestate')))
    trace.remote = true
    return context.setValue(spanKey, trace)
  },
  fields: () => ['traceparent', 'tracestate'],
}

type Header = ReturnType<TextMapGetter['get']>

/** Two are as good as none: nobody knows which is right. */
function single(header: Header): string | undefined {
  if (!Array.isArray(header)) return header
  return header.length === 1 ? header[0] : undefined
}

function joined(header: Header): string | undefined {
  return Array.isArray(header) ? header.join(',') : header
}
