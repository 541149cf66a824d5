import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMigrations, readMigrations } from '@atlas/manifest/migrations'
import { openPostgres, type SlowQuery } from '@atlas/postgres'
import { freshDatabase, testServer } from '@atlas/postgres/testing'
import { silent } from '../logger.ts'
import type { Postgres } from '../stores/postgres.ts'
import { queryCall } from '../stores/query-call.ts'
import { findWorkspace } from './find-workspace.ts'
import type { TestDatabaseOptions } from './test-database.ts'

/** Enough for a servlet under test, and for many tests at once. */
const maxConnections = 5

const endGraceMs = 2_000

/**
 * A database of a store for a test, empty, with the servlet's migrations applied; removed by `close`.
 *
 * @throws Error when the servlet's folder cannot be found, or one of its migrations is wrong
 */
export async function openTestPostgres(
  options: TestDatabaseOptions,
): Promise<{ postgres: Postgres; close: () => Promise<void> }> {
  const { servlet, store, log = silent } = options
  const { serverFolder, folder } = await findWorkspace(servlet, options.folder)
  const files = (await readMigrations(folder, ''))[store] ?? []
  const { migrations, findings } = parseMigrations(files)
  const [wrong] = findings
  if (wrong)
    throw new Error(`${relative('', folder) || '.'}/${wrong.file}: ${wrong.message}; ${wrong.remedy}`)
  const database = await freshDatabase(await testServer(serverFolder), migrations)
  const postgres = openPostgres({
    url: database.url,
    store,
    maxConnections,
    call: queryCall,
    onSlowQuery: (query: SlowQuery) => log.warn('slow query', { store, ...query }),
  })
  return {
    postgres,
    async close() {
      // A connection that the test never gave back ends with the database.
      await Promise.race([postgres.end(), sleep(endGraceMs)])
      await database.drop()
    },
  }
}
