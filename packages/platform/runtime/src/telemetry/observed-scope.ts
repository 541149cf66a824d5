import { isFailure } from './metrics/outcome.ts'
import type { ObservedEndpoint } from './observed-endpoint.ts'
import { RecordingSpan } from './tracing/recording-span.ts'
import { spanStatuses } from './tracing/span-record.ts'
import type { TraceContext } from './tracing/trace-context.ts'

/** The headers of a request, as far as telemetry reads them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/**
 * The scope of a request as telemetry sees it: the base of what adapters make for each request anyway, so that observing
 * one that is not recorded makes no object and no string.
 */
export class ObservedScope {
  /** When the head of the request was read, by `performance.now()`. */
  beganMs = 0
  #endpoint: ObservedEndpoint | undefined = undefined
  #traceparent: string | undefined = undefined
  #tracestate: string | undefined = undefined
  #trusted = false
  #trace: TraceContext | undefined = undefined
  #elsewhere = false

  /**
   * Where the request stands in a trace; its span, if that is recorded. Made when first looked at, because few are. For
   * user code, for the log, and for the headers of calls.
   */
  get trace(): TraceContext | undefined {
    if (!this.#trace && this.#endpoint)
      this.#trace = this.#endpoint.tracer.contextOf({
        traceparent: this.#traceparent,
        tracestate: this.#tracestate,
        trusted: this.#trusted,
      })
    return this.#trace
  }

  /** Whether it began and is not over. */
  get observed(): boolean {
    return this.#endpoint !== undefined
  }

  /**
   * It is known what the request is for, and `beganMs` is set.
   *
   * @param trusted whether who sent it may decide that the trace is recorded: servlets may, the public may not
   */
  beginObserving(
    endpoint: ObservedEndpoint,
    headers: RequestHeaders,
    trusted: boolean,
    path: string | undefined,
  ): void {
    const { beganMs } = this
    this.#endpoint = endpoint
    this.#trusted = trusted
    const { traceparent } = headers
    if (typeof traceparent === 'string') {
      const { tracestate } = headers
      this.#traceparent = traceparent
      if (tracestate !== undefined)
        this.#tracestate = typeof tracestate === 'string' ? tracestate : tracestate.join(',')
    }
    endpoint.series.begin(beganMs)
    const { tracer, source, spanName } = endpoint
    const span = tracer.startServer(source, spanName, beganMs, this.#traceparent, this.#tracestate, trusted)
    if (!span) return
    span.path = path
    this.#trace = span
  }

  /** Another process answered it, and records it if anybody does: this one only counts it. */
  leaveTrace(): void {
    this.#elsewhere = true
  }

  /**
   * The request is over. A second call, and one without `beginObserving`, changes nothing.
   *
   * @param codeNumber see `codeNumberOf` and `codeNumberOfStatus`
   * @param httpStatus 0 where the protocol has none
   * @param bytesIn of the request's body, as far as it was read
   * @param bytesOut of the answer's body, as far as it was sent
   * @param caller the servlet that called; undefined for callers from outside
   * @param path of a request that turns out to be worth recording
   */
  endObserving(
    codeNumber: number,
    httpStatus: number,
    bytesIn: number,
    bytesOut: number,
    caller: string | undefined,
    path: string | undefined,
    nowMs = performance.now(),
  ): void {
    const endpoint = this.#endpoint
    if (!endpoint) return
    const { series } = endpoint
    // Kept for log lines that come after the end.
    const span = this.#trace ?? (isFailure(codeNumber) ? this.trace : undefined)
    this.#endpoint = undefined
    const bucket = series.end(codeNumber, this.beganMs, nowMs, caller)
    series.addBytes(bytesIn, bytesOut)
    if (this.#elsewhere) return
    const recorded =
      span instanceof RecordingSpan
        ? span
        : span && isFailure(codeNumber)
          ? this.#late(endpoint, span, path)
          : undefined
    if (!recorded) return
    recorded.codeNumber = codeNumber
    recorded.httpStatus = httpStatus
    recorded.bytesIn = bytesIn
    recorded.bytesOut = bytesOut
    if (isFailure(codeNumber) && recorded.status === spanStatuses.unset) recorded.status = spanStatuses.error
    series.exemplify(codeNumber, bucket, nowMs - this.beganMs, recorded, Date.now())
    recorded.endAt(nowMs)
  }

  #late(
    endpoint: ObservedEndpoint,
    trace: TraceContext,
    path: string | undefined,
  ): RecordingSpan | undefined {
    const { tracer, source, spanName } = endpoint
    const span = tracer.startLate(source, spanName, this.beganMs, trace, this.#traceparent)
    if (span) span.path = path
    return span
  }
}
