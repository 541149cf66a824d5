import pg from 'pg'

/** A name as an identifier of SQL. */
export function quoted(identifier: string): string {
  return pg.escapeIdentifier(identifier)
}

/** The URL of another database on the same server. */
export function urlOfDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}

/** Where a URL leads, without the password that may be in it. */
export function shownUrl(url: string): string {
  try {
    const { host } = new URL(url)
    return host === '' ? 'the default host' : host
  } catch {
    return 'what is no URL'
  }
}

/** Runs something over one connection. */
export async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'atlas',
  })
  // A connection that breaks is told to the query that runs; between queries it must not end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end().catch(() => {})
  }
}

const duplicateDatabase = '42P04'
const uniqueViolation = '23505'
const noSuchDatabase = '3D000'

/** Makes a database where there is none. Two that do it at once are both content. */
export async function ensureDatabase(serverUrl: string, database: string): Promise<void> {
  await withClient(serverUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
    if (rowCount) return
    await client.query(`create database ${quoted(database)}`).catch((error: unknown) => {
      const { code } = error as { code?: string }
      if (code !== duplicateDatabase && code !== uniqueViolation) throw error
    })
  })
}

/** Removes a database and ends whoever is connected to it. Says whether there was one. */
export async function dropDatabase(serverUrl: string, database: string): Promise<boolean> {
  return withClient(serverUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
    await client.query(`drop database if exists ${quoted(database)} with (force)`)
    return rowCount === 1
  })
}

/** Whether an error says that there is no such database. */
export function isMissingDatabase(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === noSuchDatabase
}
