import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryUnavailable } from '../seam.ts'

/** How long and how often a registry is asked. */
export interface Patience {
  /** How long it may take to answer one request. @default 30 s */
  readonly timeoutMs?: number
  /** How often it is asked before it counts as away. @default 5 */
  readonly attempts?: number
  /** How long to wait after the first failure; twice that after the second. @default 300 ms */
  readonly delayMs?: number
  /** Ends everything. */
  readonly signal?: AbortSignal | undefined
}

const defaults = { timeoutMs: 30_000, attempts: 5, delayMs: 300 }

/** No registry that wants us back later makes us wait longer than this. */
const longestDelayMs = 30_000

/** What may be asked again: the request did not arrive, or the registry is not itself. */
export class Fleeting extends Error {
  /** When the registry wants to be asked again. */
  readonly afterMs: number | undefined

  constructor(message: string, options: { afterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.afterMs = options.afterMs
  }
}

/**
 * Asks until there is an answer. What is asked must be safe to ask twice.
 *
 * @throws RegistryUnavailable when there is none after all attempts
 */
export async function patiently<T>(
  what: string,
  patience: Patience,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, attempts, delayMs } = { ...defaults, ...patience }
  for (let attempt = 1; ; attempt++) {
    patience.signal?.throwIfAborted()
    try {
      const timeout = AbortSignal.timeout(timeoutMs)
      return await ask(patience.signal ? AbortSignal.any([patience.signal, timeout]) : timeout)
    } catch (error) {
      patience.signal?.throwIfAborted()
      const reason = fleeting(error, timeoutMs)
      if (reason === undefined) throw error
      if (attempt >= attempts)
        throw new RegistryUnavailable(
          `${what} failed ${attempts} times: ${reason.message}. Nothing is half done; run the same again when the registry answers`,
          { cause: error },
        )
      // A part of chance, so that those who failed together do not come back together.
      const backoffMs = delayMs * 2 ** (attempt - 1) * (0.5 + Math.random())
      await sleep(Math.min(longestDelayMs, reason.afterMs ?? backoffMs), undefined, {
        ...(patience.signal && { signal: patience.signal }),
      })
    }
  }
}

function fleeting(error: unknown, timeoutMs: number): Fleeting | undefined {
  if (error instanceof Fleeting) return error
  if (!(error instanceof Error)) return undefined
  if (error.name === 'TimeoutError') return new Fleeting(`no answer within ${timeoutMs} ms`)
  // What fetch says when a connection cannot be made, or breaks.
  if (error instanceof TypeError && error.cause !== undefined) return new Fleeting(causeOf(error))
  if (/^(ECONN|EPIPE|UND_ERR|ETIMEDOUT|EAI_AGAIN)/.test((error as NodeJS.ErrnoException).code ?? ''))
    return new Fleeting(error.message)
  return error.name === 'AbortError' ? new Fleeting('the connection was closed') : undefined
}

function causeOf({ cause, message }: Error): string {
  const { code, message: reason } = cause as NodeJS.ErrnoException
  return code ?? reason ?? message
}
