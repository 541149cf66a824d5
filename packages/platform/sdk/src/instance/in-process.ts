import { type CallRequest, callSignal, type Transport } from '@atlas/client'
import { AtlasError } from '@atlas/contract'
import { type CallScope, currentCall } from './call-scope.ts'
import { type Instance, runnerOf } from './instance.ts'

/** Who calls in-process: a servlet, or (in tests) somebody outside with a user of their own. */
export interface InProcessCaller {
  readonly caller: string | undefined
  /** @default the user of the call being handled */
  readonly user?: unknown
  /** @default 'internal' */
  readonly listener?: CallScope['listener']
}

/**
 * Carries calls to a servlet in the same process. Values are parsed on the way in and out, which copies them, so caller
 * and callee share nothing, as if there were a network between them.
 *
 * @param instanceOf the running servlet, looked up at each call, because it may be replaced or not have started
 */
export function inProcessTransport(
  instanceOf: () => Instance | Promise<Instance>,
  from: InProcessCaller,
): Transport {
  return {
    async unary(request) {
      const limit = limitOf(request)
      try {
        const instance = await instanceOf()
        const answer = runnerOf(instance, request.name).unary(
          request.input,
          request.body,
          scopeOf(request, limit.signal, from),
        )
        return await (limit.signal ? orAborted(answer, limit) : answer)
      } catch (error) {
        throw asReceived(error)
      } finally {
        limit.done()
      }
    },
    async *stream(request) {
      const limit = limitOf(request)
      try {
        const instance = await instanceOf()
        const items = runnerOf(instance, request.name).stream(
          request.input,
          scopeOf(request, limit.signal, from),
        )
        const iterator = items[Symbol.asyncIterator]()
        try {
          for (;;) {
            const next = iterator.next()
            const result = await (limit.signal ? orAborted(next, limit) : next)
            if (result.done) return
            yield result.value
          }
        } finally {
          // Not awaited: a handler that ignores its signal must not hold the caller.
          void iterator.return?.(undefined)?.catch(() => {})
        }
      } catch (error) {
        throw asReceived(error)
      } finally {
        limit.done()
      }
    },
  }
}

/** The error as it would have come over a network: no cause, no reference to what the callee holds. */
function asReceived(reason: unknown): AtlasError {
  const { code, message, kind, data, httpStatus } = AtlasError.from(reason)
  if (kind !== undefined) return new AtlasError(code, message, { kind, data, httpStatus })
  const copy: unknown = data === undefined ? undefined : JSON.parse(JSON.stringify(data))
  return new AtlasError(code, message, { data: copy, httpStatus })
}

/** A call inherits the signal and deadline of the call being handled. */
function limitOf(request: CallRequest): ReturnType<typeof callSignal> {
  const parent = currentCall.getStore()
  const remainingMs = parent?.deadline === undefined ? undefined : parent.deadline - Date.now()
  const timeoutMs =
    remainingMs === undefined
      ? request.timeoutMs
      : Math.max(0, Math.min(remainingMs, request.timeoutMs ?? remainingMs))
  const signal =
    parent && request.signal
      ? AbortSignal.any([parent.signal, request.signal])
      : (request.signal ?? parent?.signal)
  return callSignal(signal, timeoutMs)
}

const never = new AbortController().signal

function scopeOf(request: CallRequest, signal: AbortSignal | undefined, from: InProcessCaller): CallScope {
  const parent = currentCall.getStore()
  const ownDeadline = request.timeoutMs === undefined ? undefined : Date.now() + request.timeoutMs
  const deadlines = [ownDeadline, parent?.deadline].filter((deadline) => deadline !== undefined)
  return {
    signal: signal ?? never,
    deadline: deadlines.length === 0 ? undefined : Math.min(...deadlines),
    caller: from.caller,
    user: from.user ?? parent?.user,
    listener: from.listener ?? 'internal',
  }
}

/** The promise, or the error of the signal, whichever comes first: a handler that ignores its signal holds nobody. */
async function orAborted<T>(promise: Promise<T>, limit: ReturnType<typeof callSignal>): Promise<T> {
  const signal = limit.signal!
  if (signal.aborted) {
    promise.catch(() => {})
    throw limit.error()
  }
  let abort!: () => void
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(limit.error())
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
