import { RecordingSpan } from './recording-span.ts'
import { drawn, Sampler, type Sampling } from './sampler.ts'
import { type SpanKindNumber, type SpanSource, spanKinds, spanStatuses } from './span-record.ts'
import type { SpanRing } from './span-ring.ts'
import { TraceContext } from './trace-context.ts'
import { parseTraceparent, sampledFlag } from './traceparent.ts'

/** Options of a {@link Tracer}. */
export interface TracerOptions {
  readonly sampling: Sampling
  /** Undefined when nobody takes spans: then none are made, and traces that come in are passed on. */
  readonly ring: SpanRing | undefined
  /** How many failed requests of traces that are not recorded are recorded all the same, each second. */
  readonly failuresPerSecond: number
}

/** Where a request says it comes from. */
export interface TraceHeaders {
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
  /** Whether who sent it may decide that the trace is recorded. */
  readonly trusted: boolean
}

/** Starts spans. */
export class Tracer {
  readonly #ring: SpanRing | undefined
  readonly #sampler: Sampler
  readonly #failuresPerSecond: number
  #failures = 0
  #failuresAtMs = 0

  constructor({ sampling, ring, failuresPerSecond }: TracerOptions) {
    this.#ring = ring
    this.#sampler = new Sampler(sampling)
    this.#failuresPerSecond = failuresPerSecond
    this.#failures = failuresPerSecond
  }

  /** Starts the span of a request; undefined when it is not recorded, which is decided before anything is made. */
  startServer(
    source: SpanSource,
    name: string,
    startMs: number,
    traceparent: string | undefined,
    tracestate: string | undefined,
    trusted: boolean,
  ): RecordingSpan | undefined {
    if (!this.#ring) return undefined
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (!parent) {
      if (!this.#sampler.begins()) return undefined
      const span = new RecordingSpan(this.#ring, source, name, spanKinds.server, startMs)
      span.managed = true
      span.beginTrace(drawn.t2, drawn.t3, true)
      return span
    }
    if (!this.#sampler.continues(parent, trusted)) return undefined
    const span = new RecordingSpan(this.#ring, source, name, spanKinds.server, startMs)
    span.managed = true
    span.continueTrace(parent, tracestate)
    span.flags |= sampledFlag
    span.p0 = parent.s0
    span.p1 = parent.s1
    span.parentRemote = true
    return span
  }

  /** The context of a request that is not recorded. Where nobody takes spans, what follows hangs below the caller. */
  contextOf({ traceparent, tracestate, trusted }: TraceHeaders): TraceContext {
    const context = new TraceContext()
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (!parent) {
      this.#sampler.drawUnsampled()
      context.beginTrace(drawn.t2, drawn.t3, false)
    } else if (this.#ring) {
      context.continueTrace(parent, tracestate)
      context.flags &= ~sampledFlag
    } else {
      context.copy(parent, tracestate)
      context.remote = true
      if (!trusted) context.flags &= ~sampledFlag
    }
    return context
  }

  /** Starts a span below another, or a trace where there is none; undefined when it is not recorded. */
  startChild(
    parent: TraceContext | undefined,
    source: SpanSource,
    name: string,
    kind: SpanKindNumber,
    startMs: number,
  ): RecordingSpan | undefined {
    if (!this.#ring) return undefined
    if (!parent) {
      if (!this.#sampler.begins()) return undefined
      const span = new RecordingSpan(this.#ring, source, name, kind, startMs)
      span.beginTrace(drawn.t2, drawn.t3, true)
      return span
    }
    if (!parent.sampled) return undefined
    const span = new RecordingSpan(this.#ring, source, name, kind, startMs)
    span.continueTrace(parent, parent.tracestate)
    span.p0 = parent.s0
    span.p1 = parent.s1
    span.parentRemote = parent.remote
    return span
  }

  /**
   * The span of a request that failed although its trace is not recorded, as if it had been; undefined when there were
   * too many lately.
   */
  startLate(
    source: SpanSource,
    name: string,
    startMs: number,
    context: TraceContext,
    traceparent: string | undefined,
  ): RecordingSpan | undefined {
    if (!this.#ring || !this.#mayKeepFailure()) return undefined
    const span = new RecordingSpan(this.#ring, source, name, spanKinds.server, startMs)
    span.copy(context, context.tracestate)
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (parent) {
      span.p0 = parent.s0
      span.p1 = parent.s1
      span.parentRemote = true
    }
    span.status = spanStatuses.error
    span.setAttribute('atlas.sampled_for', 'failure')
    return span
  }

  /** A bucket of tokens, filled as time passes. */
  #mayKeepFailure(): boolean {
    const nowMs = performance.now()
    const earned = ((nowMs - this.#failuresAtMs) / 1000) * this.#failuresPerSecond
    this.#failures = Math.min(this.#failuresPerSecond, this.#failures + earned)
    this.#failuresAtMs = nowMs
    if (this.#failures < 1) return false
    this.#failures -= 1
    return true
  }
}
