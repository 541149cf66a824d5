import type { Env } from '../context.ts'
import type { CallScope } from './call-scope.ts'
import type { ErrorMakers } from './error-maker.ts'

/**
 * The context of one call. Fields of its own, so that a handler may spread it; `signal` alone is read through the scope,
 * which makes it on first use, because few handlers look at it.
 */
export class HandlerContext {
  readonly calls: Env['calls']
  readonly stores: Env['stores']
  readonly config: Env['config']
  readonly secrets: Env['secrets']
  readonly log: Env['log']
  readonly state: unknown
  readonly errors: ErrorMakers
  readonly user: unknown
  readonly caller: string | undefined
  readonly deadline: number | undefined
  readonly #scope: CallScope

  constructor(env: Env, state: unknown, errors: ErrorMakers, user: unknown, scope: CallScope) {
    this.calls = env.calls
    this.stores = env.stores
    this.config = env.config
    this.secrets = env.secrets
    this.log = env.log
    this.state = state
    this.errors = errors
    this.user = user
    this.caller = scope.caller
    this.deadline = scope.deadline
    this.#scope = scope
  }

  get signal(): AbortSignal {
    return this.#scope.signal
  }
}

/** Puts what middleware adds into a context, in the place of what was there: a logger with more fields, say. */
export function addTo(context: object, adds: object): void {
  for (const [name, value] of Object.entries(adds))
    Object.defineProperty(context, name, { value, enumerable: true, configurable: true, writable: true })
}
