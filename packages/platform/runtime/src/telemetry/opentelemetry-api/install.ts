import type { Tracer } from '../tracing/tracer.ts'
import { contextManager } from './context-manager.ts'
import { propagator } from './propagator.ts'
import { tracerProvider } from './tracer-provider.ts'

/** Where all copies of `@opentelemetry/api` 1.x of a process meet. */
const meetingPoint = Symbol.for('opentelemetry.js.api.1')

/** The API that ours implements. One that is newer ignores us, since it may ask for more. */
export const apiVersion = '1.10.0'

interface Globals {
  version: string
  trace?: unknown
  context?: unknown
  propagation?: unknown
}

/**
 * Makes spans of user code, by `trace.getTracer(...)` of `@opentelemetry/api`, join ours. Returns what undoes it. Does
 * nothing where another SDK is registered already.
 *
 * Loading the API would cost every process tens of milliseconds, and most servlets never use it; so this registers
 * without it, where its copies look.
 */
export function installOpenTelemetry(tracer: Tracer): () => void {
  const holder = globalThis as { [meetingPoint]?: Globals }
  holder[meetingPoint] ??= { version: apiVersion }
  const globals = holder[meetingPoint]
  if (globals.trace || globals.context) return () => {}
  const ours = { trace: tracerProvider(tracer), context: contextManager, propagation: propagator }
  const theirs = globals.propagation
  Object.assign(globals, ours, theirs ? { propagation: theirs } : {})
  return () => {
    if (globals.trace === ours.trace) delete globals.trace
    if (globals.context === ours.context) delete globals.context
    if (globals.propagation === ours.propagation) delete globals.propagation
  }
}
