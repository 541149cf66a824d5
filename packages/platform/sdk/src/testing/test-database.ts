import type { Logger } from '../logger.ts'
import type { Postgres } from '../stores/postgres.ts'

/** Which store a database for a test is like. */
export interface TestDatabaseOptions {
  /** The name of the servlet's contract. */
  readonly servlet: string
  readonly store: string
  /** The servlet's folder, where its migrations are. @default found by the servlet's name in the workspace around us */
  readonly folder?: string | undefined
  /** @default silent */
  readonly log?: Logger | undefined
}

/** A database for a test, which can be disposed of. */
export type TestDatabase = Postgres & AsyncDisposable

/**
 * A database like that of a servlet's store, empty, with its migrations applied: to fill it before a test, or look at it
 * after. `await using links = await testDatabase({ servlet: 'links', store: 'links' })`, then
 * `open(servlet, { stores: { links } })`.
 *
 * @throws Error when the servlet's folder cannot be found, or one of its migrations is wrong
 */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  // Loaded here, so that tests without Postgres do not pay for it.
  const { openTestPostgres } = await import('./test-postgres.ts')
  const { postgres, close } = await openTestPostgres(options)
  return Object.assign(postgres, { [Symbol.asyncDispose]: close })
}
