import { type CallRequest, type CallSignal, callSignal, type Transport } from '@atlas/client'
import { type CallScope, currentCall } from './call-scope.ts'

/**
 * Makes calls over a transport inherit the deadline and the cancellation of the call being handled. For transports over a
 * network; the in-process one inherits on its own.
 */
export function inheritCall(transport: Transport): Transport {
  return {
    unary: (request) => transport.unary(inherited(request)),
    stream: (request) => transport.stream(inherited(request)),
  }
}

function inherited(request: CallRequest): CallRequest {
  const parent = currentCall.getStore()
  if (!parent) return request
  const deadline = earlier(deadlineOf(request), parent.deadline)
  const timeoutMs = deadline === undefined ? undefined : Math.max(0, deadline - Date.now())
  return { ...request, signal: joined(parent.signal, request.signal), timeoutMs }
}

/** What ends a call made in-process, and when its caller stops waiting. */
export interface InheritedLimit extends CallSignal {
  readonly deadline: number | undefined
}

/**
 * The limit of a call that inherits from `parent`. Most calls get by without a timer of their own: the signal of the
 * call being handled aborts at its deadline already.
 */
export function limitWithin(parent: CallScope | undefined, request: CallRequest): InheritedLimit {
  const own = deadlineOf(request)
  const deadline = earlier(own, parent?.deadline)
  const signal = parent ? joined(parent.signal, request.signal) : request.signal
  const needsTimer = deadline !== undefined && (deadline !== parent?.deadline || deadline <= Date.now())
  const limit = callSignal(signal, needsTimer ? deadline - Date.now() : undefined)
  return { signal: limit.signal, error: limit.error, done: limit.done, deadline }
}

function deadlineOf({ timeoutMs }: CallRequest): number | undefined {
  return timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : Date.now() + timeoutMs
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined ? a : Math.min(a, b)
}

function joined(parent: AbortSignal, own: AbortSignal | undefined): AbortSignal {
  return own ? AbortSignal.any([parent, own]) : parent
}
