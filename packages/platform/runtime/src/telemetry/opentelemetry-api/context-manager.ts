import type { Context, ContextManager } from '@opentelemetry/api'
import { activeContext, currentScope } from '../tracing/active-trace.ts'
import type { TraceContext } from '../tracing/trace-context.ts'
import { emptyContext, spanKey } from './context.ts'

const contexts = new WeakMap<TraceContext, Context>()

/** The context that user code is in: the one it made active itself, or that of its call. */
export const contextManager: ContextManager = {
  active() {
    const scope = currentScope()
    const active = activeContext.getStore()
    if (active && active.scope === scope) return active.context
    return scope?.trace ? contextOf(scope.trace) : emptyContext
  },
  with(context, fn, thisArg, ...args) {
    return activeContext.run({ scope: currentScope(), context }, () => fn.call(thisArg as never, ...args))
  },
  bind(context, target) {
    if (typeof target !== 'function') return target
    const bound = target as unknown as (...args: unknown[]) => unknown
    return function (this: unknown, ...args: unknown[]) {
      return contextManager.with(context, () => bound.apply(this, args))
    } as typeof target
  },
  enable() {
    return this
  },
  disable() {
    return this
  },
}

function contextOf(trace: TraceContext): Context {
  let context = contexts.get(trace)
  if (!context) {
    context = emptyContext.setValue(spanKey, trace)
    contexts.set(trace, context)
  }
  return context
}
