import { setTimeout as sleep } from 'node:timers/promises'
import { openPostgres } from '@atlas/postgres'
import { type Logger, queryCall } from '@atlas/sdk'
import type { OpenedStore } from './opened-store.ts'

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /** Of the database, with user and password. */
  readonly url: string
  /** The servlet whose store it is: the server shows it as the application. */
  readonly servlet: string
  /** Its name in the manifest, for messages. */
  readonly store: string
  readonly maxConnections: number
  /** Told of slow queries, and of connections that were lost. */
  readonly log: Logger
}

/** How long connections that were never given back may keep the process from ending. */
const endGraceMs = 5000

/** Opens a database for a servlet. Nothing is connected before the first query. */
export function postgresStore({
  url,
  servlet,
  store,
  maxConnections,
  log,
}: PostgresStoreOptions): OpenedStore {
  const pool = openPostgres({
    url,
    store,
    maxConnections,
    applicationName: servlet,
    call: queryCall,
    onSlowQuery: ({ sql, durationMs, endpoint, traceId }) =>
      log.warn('slow query', { store, durationMs: Math.round(durationMs), endpoint, traceId, sql }),
    onLost: (error) => log.warn('a connection was lost', { store, reason: error.message }),
  })
  return {
    store: pool,
    close: () => Promise.race([pool.end(), sleep(endGraceMs, undefined, { ref: false })]),
  }
}
