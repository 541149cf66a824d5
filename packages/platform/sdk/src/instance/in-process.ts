import { type CallSignal, type Transport, watchBytes } from '@atlas/client'
import { AtlasError, type ByteStream, isBytes } from '@atlas/contract'
import { type CallScope, currentCall } from './call-scope.ts'
import { type InheritedLimit, limitWithin } from './inherit-call.ts'
import { type Instance, runnerOf } from './instance.ts'

/** Who calls in-process: a servlet, or (in tests) somebody outside with a user of their own. */
export interface InProcessCaller {
  readonly caller: string | undefined
  /** @default the user of the call being handled */
  readonly user?: unknown
  /** @default 'internal' */
  readonly listener?: CallScope['listener']
  /** Hands over the causes of errors, for tests. @default false: they may hold anything */
  readonly causes?: boolean
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
  /** A servlet that starts for long does not hold its callers for longer than they wait. */
  const running = (limit: CallSignal): Instance | Promise<Instance> => {
    const instance = instanceOf()
    return instance instanceof Promise ? orAborted(instance, limit) : instance
  }
  return {
    async unary(request) {
      const parent = currentCall.getStore()
      const limit = limitWithin(parent, request)
      let reading = false
      try {
        if (limit.signal?.aborted) throw limit.error()
        const found = running(limit)
        const answer = runnerOf(found instanceof Promise ? await found : found, request.name).unary(
          request.input,
          request.body,
          new InProcessScope(from, parent, limit),
        )
        if (!isBytes(request.endpoint.output)) return await orAborted(answer, limit)
        const bytes = (await orAborted(answer, limit, leave)) as ByteStream
        reading = true
        return watchBytes(bytes, {
          signal: limit.signal,
          failed: (reason) => (limit.signal?.aborted ? limit.error() : asReceived(reason, from)),
          ended: limit.done,
        })
      } catch (error) {
        throw asReceived(error, from)
      } finally {
        if (!reading) limit.done()
      }
    },
    async *stream(request) {
      const parent = currentCall.getStore()
      const limit = limitWithin(parent, request)
      try {
        if (limit.signal?.aborted) throw limit.error()
        const items = runnerOf(await running(limit), request.name).stream(
          request.input,
          new InProcessScope(from, parent, limit),
        )
        const iterator = items[Symbol.asyncIterator]()
        try {
          for (;;) {
            const result = await orAborted(iterator.next(), limit)
            if (result.done) return
            yield result.value
          }
        } finally {
          // Not awaited: a handler that ignores its signal must not hold the caller.
          void iterator.return?.(undefined)?.catch(() => {})
        }
      } catch (error) {
        throw asReceived(error, from)
      } finally {
        limit.done()
      }
    },
  }
}

/** The scope of a call between two servlets of one process. */
class InProcessScope implements CallScope {
  readonly deadline: number | undefined
  readonly caller: string | undefined
  readonly user: unknown
  readonly listener: CallScope['listener']
  readonly #parent: CallScope | undefined
  endpoint: string | undefined = undefined
  #signal: AbortSignal | undefined

  constructor(from: InProcessCaller, parent: CallScope | undefined, limit: InheritedLimit) {
    this.deadline = limit.deadline
    this.caller = from.caller
    this.user = from.user ?? parent?.user
    this.listener = from.listener ?? 'internal'
    this.#parent = parent
    this.#signal = limit.signal
  }

  /** Looked up when it is needed, because making it is work. */
  get trace(): unknown {
    return this.#parent?.trace
  }

  /** A call that nothing can stop has a signal of its own all the same: handlers add listeners to it. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal
    return this.#signal
  }
}

/** The error as it would have come over a network: no cause, no reference to what the callee holds. */
function asReceived(reason: unknown, from: InProcessCaller): AtlasError {
  const { code, message, kind, data, httpStatus } = AtlasError.from(reason)
  const cause = !from.causes ? undefined : reason instanceof AtlasError ? reason.cause : reason
  // Data of a kind was parsed, which copied it.
  return new AtlasError(code, message, {
    kind,
    data: kind === undefined ? copyOf(data) : data,
    httpStatus,
    cause,
  })
}

function copyOf(data: unknown): unknown {
  if (data === undefined) return undefined
  try {
    return JSON.parse(JSON.stringify(data))
  } catch {
    // Nothing that could be sent.
    return undefined
  }
}

function leave(late: unknown): void {
  ;(late as ByteStream).cancel().catch(() => {})
}

/**
 * The promise, or the error of the signal, whichever comes first: a handler that ignores its signal holds nobody.
 *
 * @param unwanted what to do with a value that comes too late
 */
function orAborted<T>(promise: Promise<T>, limit: CallSignal, unwanted?: (value: T) => void): Promise<T> {
  const { signal } = limit
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      reject(limit.error())
      if (unwanted) promise.then(unwanted, () => {})
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
    promise.then(
      (value) => {
        signal.removeEventListener('abort', abort)
        resolve(value)
      },
      (reason) => {
        signal.removeEventListener('abort', abort)
        reject(reason)
      },
    )
  })
}
