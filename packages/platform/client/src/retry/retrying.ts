import type { AtlasError } from '@atlas/contract'
import type { CallRequest, Transport } from '../client.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import { pause } from './pause.ts'
import { RetryBudget } from './retry-budget.ts'
import { isRetryable, retryHintMs } from './retryable.ts'

/** Options of {@link retrying}. */
export interface RetryOptions extends Backoff {
  /** How often a call is sent at most. @default 3 */
  readonly attempts?: number
  /** Shared by whatever calls the same servlet. @default one of this transport's own */
  readonly budget?: RetryBudget
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
  /** Waits; ends early when the signal aborts. @default by a timer */
  readonly wait?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>
}

/**
 * Sends calls again that failed for a reason that passes: `unavailable`, or `resource_exhausted` with a hint when to come
 * back. Only where the endpoint is idempotent, never beyond the deadline, and within a budget. A stream is begun again
 * only before its first item.
 *
 * For the transport of one servlet, because of the budget. Inside of `inheritCall`, so that the deadline is known here.
 */
export function retrying(transport: Transport, options: RetryOptions = {}): Transport {
  const { attempts = 3, budget = new RetryBudget(), random = Math.random, wait = pause } = options

  /** Waits for the next attempt. @throws the error where there is none */
  const next = async (request: CallRequest, error: unknown, retry: number, until: number): Promise<void> => {
    if (retry >= attempts || request.signal?.aborted || !isRetryable(request, error)) throw error
    const delayMs = backoffMs(retry, options, random(), retryHintMs(error as AtlasError))
    // Who would come back too late does not wait to say so.
    if (performance.now() + delayMs >= until || !budget.withdraw()) throw error
    await wait(delayMs, request.signal)
    if (request.signal?.aborted) throw error
  }
  return {
    async unary(request) {
      budget.deposit()
      const until = endOf(request)
      for (let attempt = 1; ; attempt++)
        try {
          return await transport.unary(within(request, until, attempt))
        } catch (error) {
          await next(request, error, attempt, until)
        }
    },
    async *stream(request) {
      budget.deposit()
      const until = endOf(request)
      for (let attempt = 1; ; attempt++) {
        let begun = false
        try {
          for await (const item of transport.stream(within(request, until, attempt))) {
            begun = true
            yield item
          }
          return
        } catch (error) {
          if (begun) throw error
          await next(request, error, attempt, until)
        }
      }
    },
  }
}

function endOf({ timeoutMs }: CallRequest): number {
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
}

/** The call with what is left of its time. */
function within(request: CallRequest, until: number, attempt: number): CallRequest {
  if (attempt === 1 || request.timeoutMs === undefined) return request
  return { ...request, timeoutMs: Math.max(0, until - performance.now()) }
}
