import type { Tracer as ApiTracer, Context, Span, SpanOptions, TracerProvider } from '@opentelemetry/api'
import { RecordingSpan } from '../tracing/recording-span.ts'
import type { SpanKindNumber, SpanSource } from '../tracing/span-record.ts'
import { sinceOrigin } from '../tracing/time-input.ts'
import type { TraceContext } from '../tracing/trace-context.ts'
import type { Tracer } from '../tracing/tracer.ts'
import { spanKey } from './context.ts'
import { contextManager } from './context-manager.ts'
import { traceIn } from './trace-in.ts'

/**
 * Makes the provider of tracers for user code. Its spans hang below the request that is handled, and are recorded where
 * that is.
 */
export function tracerProvider(tracer: Tracer): TracerProvider {
  return {
    getTracer: (name, version) => new UserTracer(tracer, { name: name || 'unknown', version }),
  }
}

class UserTracer implements ApiTracer {
  readonly #tracer: Tracer
  readonly #scope: SpanSource['scope']
  readonly #sources = new Map<string, SpanSource>()

  constructor(tracer: Tracer, scope: SpanSource['scope']) {
    this.#tracer = tracer
    this.#scope = scope
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextManager.active()): Span {
    const parent = options.root ? undefined : traceIn(context)
    const span = this.#tracer.startChild(
      parent,
      this.#sourceBelow(parent),
      name,
      ((options.kind ?? 0) + 1) as SpanKindNumber,
      sinceOrigin(options.startTime),
    )
    // Below what is not recorded, its ids are passed on and nothing is kept.
    if (!span)
      return (
        parent ?? this.#tracer.contextOf({ traceparent: undefined, tracestate: undefined, trusted: true })
      )
    if (options.attributes) span.setAttributes(options.attributes)
    if (options.links) span.addLinks(options.links)
    return span
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...args: unknown[]): ReturnType<F> {
    const fn = args.pop() as F
    const [options, given] = args as [SpanOptions?, Context?]
    const context = given ?? contextManager.active()
    const span = this.startSpan(name, options, context)
    return contextManager.with(context.setValue(spanKey, span), fn as never, undefined, span) as ReturnType<F>
  }

  /** Spans belong to the servlet that their call is of. */
  #sourceBelow(parent: TraceContext | undefined): SpanSource {
    const servlet = parent instanceof RecordingSpan ? parent.source.servlet : ''
    let source = this.#sources.get(servlet)
    if (!source) {
      source = { servlet, scope: this.#scope, attributes: {} }
      this.#sources.set(servlet, source)
    }
    return source
  }
}
