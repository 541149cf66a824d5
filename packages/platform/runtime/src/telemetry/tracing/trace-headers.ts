import { currentTrace } from './active-trace.ts'
import { TraceContext } from './trace-context.ts'
import { TraceState } from './trace-state.ts'
import { formatTraceparent } from './traceparent.ts'

/** The headers that put what is called now into the trace of the running code. Empty where there is none. */
export function traceHeaders(): Record<string, string> {
  const trace = currentTrace()
  return trace ? headersOf(trace) : {}
}

/** The headers that put something below a place in a trace. */
export function headersOf(trace: TraceContext): Record<string, string> {
  const state = trace.tracestate === undefined ? '' : (TraceState.parse(trace.tracestate)?.serialize() ?? '')
  const headers = { traceparent: formatTraceparent(placeOf(trace)) }
  return state === '' ? headers : { ...headers, tracestate: state }
}

/** The id of a request is its own, also when nobody records it; what another process began is passed on as it came. */
function placeOf(trace: TraceContext): TraceContext {
  if (trace.isRecording() || trace.remote) return trace
  const request = new TraceContext()
  request.continueTrace(trace, undefined)
  return request
}
