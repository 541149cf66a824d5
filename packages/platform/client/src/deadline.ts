import { AtlasError } from '@atlas/contract'

/** One signal for all reasons to stop a call, and what reason it was. */
export interface CallSignal {
  readonly signal: AbortSignal | undefined
  /** The error to show when `signal` aborted. */
  error(): AtlasError
  /** Frees the timer. */
  done(): void
}

/** Joins a caller's signal and a timeout. */
export function callSignal(outer: AbortSignal | undefined, timeoutMs: number | undefined): CallSignal {
  if (timeoutMs === undefined) return { signal: outer, error: () => abortedBy(outer), done: () => {} }
  const controller = new AbortController()
  const timer = setTimeout(
    () => controller.abort(new DOMException('the deadline passed', 'TimeoutError')),
    timeoutMs,
  )
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  return { signal, error: () => abortedBy(signal), done: () => clearTimeout(timer) }
}

/** The error of an aborted signal: a passed deadline, or a caller that went away. */
export function abortedBy(signal: AbortSignal | undefined): AtlasError {
  const reason: unknown = signal?.reason
  if (reason instanceof AtlasError) return reason
  if (reason instanceof DOMException && reason.name === 'TimeoutError')
    return new AtlasError('deadline_exceeded', 'the deadline passed', { cause: reason })
  return new AtlasError('canceled', 'the call was cancelled', { cause: reason })
}
