import pg from 'pg'
import type { QueryCall, SlowQuery } from './call.ts'
import { type StoreClientContext, storeClient } from './store-client.ts'
import { ended, errorOfQuery, storeError } from './store-error.ts'

/** Options of {@link openPostgres}. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  /** The name of the store in the manifest. */
  readonly store: string
  /** The most connections that this process holds. */
  readonly maxConnections: number
  /** Shown by the server beside each connection. @default 'atlas' */
  readonly applicationName?: string
  /** Queries that take this long are told to `onSlowQuery`, in milliseconds. @default 200 */
  readonly slowQueryMs?: number
  readonly onSlowQuery?: (query: SlowQuery) => void
  /** Told of idle connections that broke: the pool opens others by itself. */
  readonly onLost?: (error: Error) => void
  /** The call that the running code handles. */
  readonly call?: () => QueryCall | undefined
}

/** How long a query waits for a connection when all are busy, or for the server to accept one. */
const acquireTimeoutMs = 5_000

/** Idle connections are given back, so that a servlet that sleeps holds none. */
const idleTimeoutMs = 10_000

/** From which duration on a query is slow. */
export const defaultSlowQueryMs = 200

/**
 * Opens a store's pool. Nothing is connected before the first query, and a server that went away is found again by the
 * next one.
 */
export function openPostgres(options: PostgresOptions): pg.Pool {
  const { url, store, maxConnections } = options
  const context: StoreClientContext = {
    name: `store '${store}'`,
    slowQueryMs: options.slowQueryMs ?? defaultSlowQueryMs,
    onSlowQuery: options.onSlowQuery ?? (() => {}),
    call: options.call ?? (() => undefined),
  }
  const pool = new StorePool(context, {
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    allowExitOnIdle: true,
    application_name: options.applicationName ?? 'atlas',
    keepAlive: true,
  })
  // Without a listener a broken idle connection would end the process.
  pool.on('error', (error) => options.onLost?.(error))
  return pool
}

type Connected = (error: any, client?: any, release?: any) => void

/** `Pool` stays part of its name: drizzle recognises pools by it. */
class StorePool extends pg.Pool {
  readonly #context: StoreClientContext

  constructor(context: StoreClientContext, config: pg.PoolConfig) {
    super({ ...config, Client: storeClient(context) })
    this.#context = context
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<pg.PoolClient> | void {
    const acquired = this.#acquire()
    if (!callback) return acquired
    acquired.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: unknown) => callback(error, undefined, () => {}),
    )
  }

  // Not pg's own: that one ends a connection after every error, be it a row that exists already.
  override query(config: any, values?: any, callback?: any): any {
    // A cursor or a stream is given back as it is.
    if (typeof config?.submit === 'function') return super.query(config, values, callback)
    const given = [callback, values].find((each) => typeof each === 'function')
    const own = typeof values === 'function' ? undefined : values
    const result = this.#acquire().then((client) => client.query(config, own).finally(() => client.release()))
    if (!given) return result
    result.then(
      (rows: unknown) => given(undefined, rows),
      (error: unknown) => given(error),
    )
  }

  async #acquire(): Promise<pg.PoolClient> {
    const { name, call } = this.#context
    const signal = call()?.signal
    if (signal?.aborted) throw ended(name, signal)
    const connecting = super.connect()
    try {
      return await (signal ? firstOf(connecting, signal, () => ended(name, signal)) : connecting)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded when trying to connect'))
        throw storeError(
          'resource_exhausted',
          `all ${this.options.max} connections of ${name} were busy for ${acquireTimeoutMs / 1000} s`,
          { cause: error },
        )
      throw errorOfQuery(error, name)
    }
  }
}

/** A connection, or an error once nobody waits for it; one that comes later goes back to the pool. */
function firstOf(
  connecting: Promise<pg.PoolClient>,
  signal: AbortSignal,
  reason: () => Error,
): Promise<pg.PoolClient> {
  return new Promise((resolve, reject) => {
    let over = false
    const abort = () => {
      over = true
      reject(reason())
    }
    signal.addEventListener('abort', abort, { once: true })
    connecting.then(
      (client) => {
        signal.removeEventListener('abort', abort)
        if (over) client.release()
        else resolve(client)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort)
        reject(error)
      },
    )
  })
}
