import { AtlasError } from '@atlas/contract'

/** One signal for all reasons to stop a call, and what reason it was. */
export interface CallSignal {
  readonly signal: AbortSignal | undefined
  /** The error to show when `signal` aborted. */
  error(): AtlasError
  /** Frees the timer and lets go of the caller's signal. Called when the answer has been read to its end. */
  done(): void
}

/** Timers of JavaScript hold 31 bits and fire at once beyond: 24.8 days are as good as no deadline. */
const longestTimerMs = 2 ** 31 - 1

/** Joins a caller's signal and a timeout. A timeout that has passed already is an aborted signal. */
export function callSignal(outer: AbortSignal | undefined, timeoutMs: number | undefined): CallSignal {
  if (timeoutMs === undefined || timeoutMs > longestTimerMs)
    return { signal: outer, error: () => abortedBy(outer), done: nothing }
  const controller = new AbortController()
  const { signal } = controller
  const expire = () => controller.abort(new DOMException('the deadline passed', 'TimeoutError'))
  // Not AbortSignal.any: a caller's signal that outlives many calls would collect all of theirs.
  const follow = () => controller.abort(outer!.reason)
  let timer: ReturnType<typeof setTimeout> | undefined
  if (outer?.aborted) follow()
  else if (timeoutMs <= 0) expire()
  else {
    timer = setTimeout(expire, timeoutMs)
    outer?.addEventListener('abort', follow, { once: true })
  }
  const done = () => {
    clearTimeout(timer)
    outer?.removeEventListener('abort', follow)
  }
  return { signal, error: () => abortedBy(signal), done }
}

function nothing(): void {}

/** The error of an aborted signal: a passed deadline, or a caller that went away. */
export function abortedBy(signal: AbortSignal | undefined): AtlasError {
  const reason: unknown = signal?.reason
  // A copy, because one reason may stop many calls, and each of them notes on its error where it came from.
  if (reason instanceof AtlasError) return new AtlasError(reason.code, reason.message, { cause: reason })
  if (reason instanceof DOMException && reason.name === 'TimeoutError')
    return new AtlasError('deadline_exceeded', 'the deadline passed', { cause: reason })
  return new AtlasError('canceled', 'the call was cancelled', { cause: reason })
}
