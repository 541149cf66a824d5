import type {
  Attributes,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import { hexOfWord } from './hex.ts'
import { randomWord } from './random-word.ts'
import { TraceState } from './trace-state.ts'
import { type ParsedTraceparent, randomFlag, sampledFlag } from './traceparent.ts'

/**
 * Where something stands in a trace: ids as numbers, made into text when somebody looks. For user code it is a span of
 * `@opentelemetry/api` that records nothing.
 */
export class TraceContext implements Span, ParsedTraceparent {
  t0 = 0
  t1 = 0
  t2 = 0
  t3 = 0
  s0 = 0
  s1 = 0
  flags = 0
  /** Came from another process. */
  remote = false
  /** The header `tracestate` as received. */
  tracestate: string | undefined = undefined
  #traceId: string | undefined = undefined
  #spanId: string | undefined = undefined

  /** Stays in the trace of another context, with a span id of its own. */
  continueTrace(
    { t0, t1, t2, t3, flags }: Readonly<ParsedTraceparent>,
    tracestate: string | undefined,
  ): void {
    this.t0 = t0
    this.t1 = t1
    this.t2 = t2
    this.t3 = t3
    this.flags = flags
    this.tracestate = tracestate
    this.drawSpanId()
  }

  /** Is at another place of another trace. */
  copy(other: Readonly<ParsedTraceparent>, tracestate: string | undefined): void {
    this.continueTrace(other, tracestate)
    this.s0 = other.s0
    this.s1 = other.s1
  }

  /** Begins a trace, whose id ends with the given words. */
  beginTrace(t2: number, t3: number, sampled: boolean): void {
    this.t0 = randomWord()
    // No id is zero, whatever the other words are.
    this.t1 = (randomWord() | 1) >>> 0
    this.t2 = t2
    this.t3 = t3
    this.flags = sampled ? randomFlag | sampledFlag : randomFlag
    this.drawSpanId()
  }

  drawSpanId(): void {
    this.s0 = randomWord()
    this.s1 = (randomWord() | 1) >>> 0
  }

  get traceId(): string {
    this.#traceId ??= hexOfWord(this.t0) + hexOfWord(this.t1) + hexOfWord(this.t2) + hexOfWord(this.t3)
    return this.#traceId
  }

  get spanId(): string {
    this.#spanId ??= hexOfWord(this.s0) + hexOfWord(this.s1)
    return this.#spanId
  }

  /** Whether whoever began the trace wants it recorded. */
  get sampled(): boolean {
    return (this.flags & sampledFlag) !== 0
  }

  spanContext(): SpanContext {
    const context: SpanContext = {
      traceId: this.traceId,
      spanId: this.spanId,
      traceFlags: this.flags,
      isRemote: this.remote,
    }
    const state = this.tracestate === undefined ? undefined : TraceState.parse(this.tracestate)
    if (state) context.traceState = state
    return context
  }

  isRecording(): boolean {
    return false
  }

  setAttribute(_key: string, _value: unknown): this {
    return this
  }

  setAttributes(_attributes: Attributes): this {
    return this
  }

  addEvent(_name: string, _attributesOrTime?: Attributes | TimeInput, _time?: TimeInput): this {
    return this
  }

  addLink(_link: Link): this {
    return this
  }

  addLinks(_links: Link[]): this {
    return this
  }

  setStatus(_status: SpanStatus): this {
    return this
  }

  updateName(_name: string): this {
    return this
  }

  recordException(_exception: Exception, _time?: TimeInput): void {}

  end(_endTime?: TimeInput): void {}
}
