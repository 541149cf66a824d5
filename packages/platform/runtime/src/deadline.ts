import { AtlasError } from '@atlas/contract'
import type { UniversalRequest } from './universal.ts'

/**
 * Heeds the time that the caller waits, in Connect's header (https://connectrpc.com/docs/protocol#unary-request): after
 * it the caller has an answer, even from a handler that ignores its signal.
 *
 * @throws AtlasError `invalid_argument` when the header is no whole number of milliseconds; `deadline_exceeded` for 0, as other
 * servers of Connect answer: a caller that has no time left is not worth any work
 */
export function startDeadline(request: UniversalRequest): void {
  const header = request.headers['connect-timeout-ms']
  if (header === undefined) return
  if (typeof header !== 'string' || !/^\d{1,10}$/.test(header))
    throw new AtlasError(
      'invalid_argument',
      'the header connect-timeout-ms is not a whole number of milliseconds of up to 10 digits',
    )
  expireIn(request, Number(header))
}

/** Answers a request after so long. @throws AtlasError `deadline_exceeded` when no time is left */
export function expireIn(request: UniversalRequest, timeoutMs: number): void {
  if (timeoutMs === 0) throw deadlinePassed()
  request.scope.expireIn(timeoutMs, () => request.interrupt(deadlinePassed()))
}

function deadlinePassed(): AtlasError {
  return new AtlasError('deadline_exceeded', 'the deadline passed')
}
