import { AsyncLocalStorage } from 'node:async_hooks'
import { type CallScope, currentCall } from '@atlas/sdk'
import type { Context } from '@opentelemetry/api'
import { traceIn } from '../opentelemetry-api/trace-in.ts'
import type { TraceContext } from './trace-context.ts'

/** What a call has beside what the sdk knows of it: where it stands in a trace. */
export interface TracedScope extends CallScope {
  readonly trace?: TraceContext | undefined
}

/**
 * What user code made active by `@opentelemetry/api`, and in which call: it means nothing in a call that is made from
 * there in the same process.
 */
export interface ActiveContext {
  readonly scope: CallScope | undefined
  readonly context: Context
}

/** What user code made active. Empty in calls whose code does not. */
export const activeContext = new AsyncLocalStorage<ActiveContext>()

/** The call that the running code handles. */
export function currentScope(): TracedScope | undefined {
  return currentCall.getStore() as TracedScope | undefined
}

/** Where the running code stands in a trace: in a span of its own, or that of its call; undefined outside of both. */
export function currentTrace(): TraceContext | undefined {
  const scope = currentScope()
  const active = activeContext.getStore()
  if (active && active.scope === scope) return traceIn(active.context)
  return scope?.trace
}
