import pg from 'pg'
import type { QueryCall, SlowQuery } from './call.ts'
import { type Cancelable, cancelQuery } from './cancel-query.ts'
import { ended, errorOfQuery } from './store-error.ts'

/** What the connections of one store share. */
export interface StoreClientContext {
  /** How to name the store in a message: `store 'links'`. */
  readonly name: string
  readonly slowQueryMs: number
  readonly onSlowQuery: (query: SlowQuery) => void
  /** The call that the running code handles. */
  readonly call: () => QueryCall | undefined
}

type Callback = (error: unknown, result?: unknown) => void

/** These end a transaction: they run to their end whoever waits, so that no connection stays inside one. */
const endsTransaction = /^\s*(commit|rollback|end|abort)\b/i

/**
 * Makes the class of a store's connections: `pg`'s own, whose queries are timed, cancelled when nobody waits for them any
 * more, and fail with errors that say which store.
 */
export function storeClient(context: StoreClientContext): new () => pg.Client {
  class StoreClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config)
      // The query that runs is told of a broken connection; between two of a transaction nobody listens, and an 'error'
      // that nobody hears would end the process.
      this.on('error', () => {})
    }

    // pg declares six forms of this; drizzle, pg-pool and people use all of them.
    override query(config: any, values?: any, callback?: any): any {
      // A cursor or a stream reads at its own pace, so its time says nothing.
      if (typeof config?.submit === 'function') return super.query(config, values, callback)
      const given: Callback | undefined = [callback, values, config?.callback].find(
        (each) => typeof each === 'function',
      )
      const own = typeof values === 'function' ? undefined : values
      if (given) return this.#run(config, own, given)
      return new Promise((resolve, reject) =>
        this.#run(config, own, (error, result) => (error ? reject(traced(error)) : resolve(result))),
      )
    }

    #run(config: any, values: any, done: Callback): void {
      const sql: string = typeof config === 'string' ? config : (config?.text ?? '')
      const call = context.call()
      const signal = endsTransaction.test(sql) ? undefined : call?.signal
      if (signal?.aborted) return process.nextTick(done, ended(context.name, signal))
      const began = performance.now()
      let canceling: Promise<void> | undefined
      const cancel = () => {
        canceling = cancelQuery(this as unknown as Cancelable)
      }
      signal?.addEventListener('abort', cancel, { once: true })
      const finish: Callback = (error, result) => {
        signal?.removeEventListener('abort', cancel)
        const durationMs = performance.now() - began
        if (durationMs >= context.slowQueryMs)
          context.onSlowQuery({ sql, durationMs, endpoint: call?.endpoint, traceId: call?.traceId })
        const outcome = error ? errorOfQuery(error, context.name, signal) : error
        // The connection is free for others when the cancellation, too, is over.
        if (canceling) canceling.then(() => done(outcome, result))
        else done(outcome, result)
      }
      const plain = config?.callback ? { ...config, callback: undefined } : config
      super.query(plain, values, finish as never)
    }
  }
  return StoreClient as unknown as new () => pg.Client
}

/** Gives an error the stack of whoever made the query, below that of its own making, which is a socket's. */
function traced(error: unknown): unknown {
  if (error instanceof Error && Error.stackTraceLimit > 0) Error.captureStackTrace(error, traced)
  return error
}
