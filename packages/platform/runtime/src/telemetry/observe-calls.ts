import type { CallRequest, Transport } from '@atlas/client'
import { AtlasError } from '@atlas/contract'
import { currentCall } from '@atlas/sdk'
import { CallingScope } from './calling-scope.ts'
import { codeNumberOf, isFailure } from './metrics/outcome.ts'
import type { RequestSeries } from './metrics/request-series.ts'
import { currentTrace, type TracedScope } from './tracing/active-trace.ts'
import type { RecordingSpan } from './tracing/recording-span.ts'
import { type SpanSource, spanKinds, spanStatuses } from './tracing/span-record.ts'
import type { Tracer } from './tracing/tracer.ts'

/** What telemetry knows of one side of calls of an endpoint. */
export interface ObservedSide {
  readonly series: RequestSeries
  readonly source: SpanSource
}

/** What telemetry knows of one endpoint that is called. */
export interface ObservedCall {
  /** Of the caller; undefined where that is no servlet. */
  readonly client: ObservedSide | undefined
  /** Of the callee, where nobody else observes it: in the same process. */
  readonly server: ObservedSide | undefined
  readonly spanName: string
}

/** The spans of a call that is recorded: a caller that is no servlet has none, nor has a callee in another process. */
interface CallSpans {
  readonly client: RecordingSpan | undefined
  readonly server: RecordingSpan | undefined
}

/** Options of {@link observeCalls}. */
export interface ObserveCallsOptions {
  readonly tracer: Tracer
  /** Looked up once for each endpoint. */
  readonly observed: (callee: string, endpoint: string) => ObservedCall
}

/**
 * Counts the calls over a transport, and gives those of recorded traces a span, or two where the callee is in the same process:
 * a trace is the same as if there were a network between them. While a call is made, the running code stands in the inner
 * span, so that `traceHeaders()` and calls in the same process continue it.
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
      const spans = startSpans(tracer, call, beganMs)
      const answer = spans
        ? currentCall.run(scopeBelow(spans), transport.unary, request)
        : transport.unary(request)
      return answer.then(
        (value) => {
          const nowMs = ended(call, spans, beganMs, undefined)
          waiting?.callEnded?.(nowMs)
          return value
        },
        (reason) => {
          const nowMs = ended(call, spans, beganMs, AtlasError.from(reason))
          waiting?.callEnded?.(nowMs)
          throw reason
        },
      )
    },
    async *stream(request) {
      const call = callOf(request)
      const beganMs = performance.now()
      begun(call, beganMs)
      const spans = startSpans(tracer, call, beganMs)
      let error: AtlasError | undefined = new AtlasError('canceled', 'the caller left the stream')
      try {
        yield* spans ? inScope(scopeBelow(spans), () => transport.stream(request)) : transport.stream(request)
        error = undefined
      } catch (reason) {
        error = AtlasError.from(reason)
        throw reason
      } finally {
        ended(call, spans, beganMs, error)
      }
    },
  }
}

function startSpans(
  tracer: Tracer,
  { client, server, spanName }: ObservedCall,
  beganMs: number,
): CallSpans | undefined {
  const current = currentTrace()
  const calling = client && tracer.startChild(current, client.source, spanName, spanKinds.client, beganMs)
  if (client && !calling) return undefined
  const called =
    server && tracer.startChild(calling ?? current, server.source, spanName, spanKinds.server, beganMs)
  if (!calling && !called) return undefined
  for (const span of [calling, called]) if (span) span.managed = true
  return { client: calling, server: called }
}

function scopeBelow({ client, server }: CallSpans): TracedScope {
  return new CallingScope(currentCall.getStore(), (server ?? client)!)
}

/** The call that is handled, told of the time that it waits for others: that is no work of this process. */
interface WaitingScope {
  callBegan?(nowMs: number): void
  callEnded?(nowMs: number): void
}

function begun({ client, server }: ObservedCall, beganMs: number): void {
  client?.series.begin(beganMs)
  server?.series.begin(beganMs)
}

/** @returns when that was */
function ended(
  { client, server }: ObservedCall,
  spans: CallSpans | undefined,
  beganMs: number,
  error: AtlasError | undefined,
): number {
  const nowMs = performance.now()
  const codeNumber = codeNumberOf(error)
  if (server) {
    const bucket = server.series.end(codeNumber, beganMs, nowMs, client?.source.servlet || undefined)
    // What a caller did wrong is no error of the callee: as of requests that come over a network.
    if (spans?.server) end(spans.server, server, bucket, isFailure(codeNumber))
  }
  if (client) {
    const bucket = client.series.end(codeNumber, beganMs, nowMs)
    if (spans?.client) end(spans.client, client, bucket, error !== undefined, error?.message)
  }
  return nowMs

  function end(
    span: RecordingSpan,
    { series }: ObservedSide,
    bucket: number,
    failed: boolean,
    message?: string,
  ): void {
    span.codeNumber = codeNumber
    if (failed && span.status === spanStatuses.unset) {
      span.status = spanStatuses.error
      // Of the callee, hence what callers may see.
      if (message !== undefined) span.describeStatus(message)
    }
    series.exemplify(codeNumber, bucket, nowMs - beganMs, span, Date.now())
    span.endAt(nowMs)
  }
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
