import { type Migrated, migrate } from '../migrations/migrate.ts'
import type { Migration } from '../migrations/migration.ts'
import { ensureDatabase, isMissingDatabase, shownUrl, urlOfDatabase, withClient } from './databases.ts'

/** A database that is there, with the schema that its servlet needs. */
export interface PreparedDatabase extends Migrated {
  readonly url: string
}

/** A server that cannot be used; the message says why and what to do. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
}

/**
 * Makes a database where there is none, and applies the migrations that it does not have. Safe to be killed and repeated,
 * and to be done by two at once.
 *
 * @throws ServerError when the server cannot be reached or does not let us, MigrationError when a migration is refused or fails
 */
export async function prepareDatabase(
  serverUrl: string,
  database: string,
  migrations: readonly Migration[],
): Promise<PreparedDatabase> {
  const url = urlOfDatabase(serverUrl, database)
  const prepare = () => withClient(url, (client) => migrate(client, migrations))
  try {
    // Most often it is there already.
    const done = await prepare().catch(async (error: unknown) => {
      if (!isMissingDatabase(error)) throw error
      await ensureDatabase(serverUrl, database)
      return prepare()
    })
    return { url, ...done }
  } catch (error) {
    throw serverErrorOf(error, serverUrl) ?? error
  }
}

/** What a server that cannot be used means to people; undefined for other errors. */
export function serverErrorOf(cause: unknown, serverUrl: string): ServerError | undefined {
  const { code = '', message } = cause as { code?: string; message: string }
  const server = `the Postgres server at ${shownUrl(serverUrl)}`
  if (/^(ECONN|ENOTFOUND|EHOST|ENET|ETIMEDOUT|EAI)/.test(code) || message.startsWith('timeout expired'))
    return new ServerError(
      `${server} cannot be reached (${code || 'no answer'}); start it, or unset ATLAS_POSTGRES_URL to use one from npm`,
      { cause },
    )
  if (code.startsWith('28'))
    return new ServerError(`${server} does not let us in (${message}); correct ATLAS_POSTGRES_URL`, { cause })
  if (code === '42501')
    return new ServerError(
      `${server} does not let us make databases (${message}); grant CREATEDB to its user`,
      {
        cause,
      },
    )
  return undefined
}
