import { setTimeout as sleep } from 'node:timers/promises'
import { parseMigrations, readMigrations } from '@atlas/manifest/migrations'
import { migrate, openPostgres, serverErrorOf, withClient } from '@atlas/postgres'
import { queryCall } from '@atlas/sdk'
import type { StoreOpener } from './store-opener.ts'

/** How long connections that were never given back may keep the process from ending. */
const endGraceMs = 5000

/** How many connections a pod has where the manifest does not say. */
const defaultConnections = 10

/** Databases that somebody else runs: the variable of the store has a `postgres://` URL. */
export const postgres: StoreOpener = {
  async open({ servlet, store, where, settings, log }) {
    const { maxConnections = defaultConnections } = settings as { maxConnections?: number }
    const pool = openPostgres({
      url: where,
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
  },
  async migrate({ store, where, folder }) {
    const { migrations, findings } = parseMigrations((await readMigrations(folder, ''))[store] ?? [])
    const [wrong] = findings
    if (wrong)
      throw new Error(`the migrations of '${store}' cannot be applied: ${wrong.file} ${wrong.message}`)
    try {
      const { applied } = await withClient(where, (client) => migrate(client, migrations))
      return applied.map(({ file }) => file)
    } catch (error) {
      throw serverErrorOf(error, where) ?? error
    }
  },
}
