import type { CallRequest, Transport } from '@atlas/client'
import { AtlasError } from '@atlas/contract'
import { currentCall } from '@atlas/sdk'
import { CallingScope } from './calling-scope.ts'
import { codeNumberOf } from './metrics/outcome.ts'
import type { RequestSeries } from './metrics/request-series.ts'
import { currentTrace, type TracedScope } from './tracing/active-trace.ts'
import type { RecordingSpan } from './tracing/recording-span.ts'
import { type SpanSource, spanKinds, spanStatuses } from './tracing/span-record.ts'
import type { Tracer } from './tracing/tracer.ts'

/** What telemetry knows of one endpoint that is called. */
export interface ObservedCall {
  readonly series: RequestSeries
  /** Of the callee, where nobody else counts for it: in the same process. */
  readonly server: RequestSeries | undefined
  readonly source: SpanSource
  readonly spanName: string
}

/** Options of {@link observeCalls}. */
export interface ObserveCallsOptions {
  readonly tracer: Tracer
  /** Looked up once for each endpoint. */
  readonly observed: (callee: string, endpoint: string) => ObservedCall
}

/**
 * Counts the calls over a transport, and gives those of recorded traces a span. While a call is made, the running code
 * stands in that span, so that `traceHeaders()` and calls in the same process continue it.
 */
export function observeCalls(transport: Transport, { tracer, observed }: ObserveCallsOptions): Transport {
  const calls = new Map<CallRequest['endpoint'], ObservedCall>()
  const callOf = ({ contract, name, endpoint }: CallRequest): ObservedCall => {
    let call = calls.get(endpoint)
    if (!call) {
      call = observed(contract.name, name)
      calls.set(endpoint, call)
    }
    return call
  }
  return {
    unary(request) {
      const call = callOf(request)
      const beganMs = performance.now()
      begun(call, beganMs)
      // A call in the same process is work of this process.
      const waiting = call.server ? undefined : (currentCall.getStore() as WaitingScope | undefined)
      waiting?.callBegan?.(beganMs)
      const span = startSpan(tracer, call, beganMs)
      const answer = span
        ? currentCall.run(scopeBelow(span), transport.unary, request)
        : transport.unary(request)
      return answer.then(
        (value) => {
          const nowMs = ended(call, span, beganMs, undefined)
          waiting?.callEnded?.(nowMs)
          return value
        },
        (reason) => {
          const nowMs = ended(call, span, beganMs, AtlasError.from(reason))
          waiting?.callEnded?.(nowMs)
          throw reason
        },
      )
    },
    async *stream(request) {
      const call = callOf(request)
      const beganMs = performance.now()
      begun(call, beganMs)
      const span = startSpan(tracer, call, beganMs)
      let error: AtlasError | undefined = new AtlasError('canceled', 'the caller left the stream')
      try {
        yield* span ? inScope(scopeBelow(span), () => transport.stream(request)) : transport.stream(request)
        error = undefined
      } catch (reason) {
        error = AtlasError.from(reason)
        throw reason
      } finally {
        ended(call, span, beganMs, error)
      }
    },
  }
}

function startSpan(tracer: Tracer, { source, spanName }: ObservedCall, beganMs: number) {
  const span = tracer.startChild(currentTrace(), source, spanName, spanKinds.client, beganMs)
  if (span) span.managed = true
  return span
}

function scopeBelow(span: RecordingSpan): TracedScope {
  return new CallingScope(currentCall.getStore(), span)
}

/** The call that is handled, told of the time that it waits for others: that is no work of this process. */
interface WaitingScope {
  callBegan?(nowMs: number): void
  callEnded?(nowMs: number): void
}

function begun({ series, server }: ObservedCall, beganMs: number): void {
  series.begin(beganMs)
  server?.begin(beganMs)
}

/** @returns when that was */
function ended(
  { series, server, source }: ObservedCall,
  span: RecordingSpan | undefined,
  beganMs: number,
  error: AtlasError | undefined,
): number {
  const nowMs = performance.now()
  const codeNumber = codeNumberOf(error)
  const bucket = series.end(codeNumber, beganMs, nowMs)
  server?.end(codeNumber, beganMs, nowMs, source.servlet || undefined)
  if (!span) return nowMs
  span.codeNumber = codeNumber
  if (error && span.status === spanStatuses.unset) {
    span.status = spanStatuses.error
    // Of the callee, hence what callers may see.
    span.describeStatus(error.message)
  }
  series.exemplify(codeNumber, bucket, nowMs - beganMs, span, Date.now())
  span.endAt(nowMs)
  return nowMs
}

/** An async generator runs in the scope of whoever asks it for more. */
async function* inScope(scope: TracedScope, begin: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const items = currentCall.run(scope, begin)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await currentCall.run(scope, () => items.next())
      if (result.done) return
      yield result.value
    }
  } finally {
    await currentCall.run(scope, async () => items.return?.())
  }
}
