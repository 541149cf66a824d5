import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { dropDatabase, quoted, urlOfDatabase, withClient } from '../databases/databases.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Migration } from '../migrations/migration.ts'

/** A database for one test. */
export interface FreshDatabase {
  readonly url: string
  /** Removes it, with whoever is still connected. */
  drop(): Promise<void>
}

const prefix = 'atlas_test_'

/** The age from which a database counts as left behind by a test that was killed. */
const leftBehindSeconds = 6 * 60 * 60

const noSuchDatabase = '3D000'
const inUse = '55006'

/**
 * Makes an empty database with all migrations applied: a copy of one that was migrated once, which takes a fraction of
 * the time.
 *
 * @throws MigrationError when a migration fails
 */
export async function freshDatabase(
  serverUrl: string,
  migrations: readonly Migration[],
): Promise<FreshDatabase> {
  const pool = poolTo(serverUrl)
  const name = `${prefix}${seconds()}_${randomBytes(6).toString('hex')}`
  const template = templateOf(migrations)
  for (;;)
    try {
      await pool.query(
        `create database ${quoted(name)} template ${quoted(template)}${await strategyOf(pool)}`,
      )
      break
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === noSuchDatabase && migrations.length > 0)
        await makeTemplate(serverUrl, template, migrations)
      // Somebody looks at the template, or it is being given its name.
      else if (code !== inUse) throw error
    }
  return {
    url: urlOfDatabase(serverUrl, name),
    drop: async () => void (await pool.query(`drop database if exists ${quoted(name)} with (force)`)),
  }
}

const pools = new Map<string, pg.Pool>()

/** Few connections for the whole process; creating databases is the server's work. */
function poolTo(serverUrl: string): pg.Pool {
  let pool = pools.get(serverUrl)
  if (!pool) {
    pool = new pg.Pool({
      connectionString: serverUrl,
      max: 2,
      allowExitOnIdle: true,
      idleTimeoutMillis: 1_000,
    })
    pool.on('error', () => {})
    pools.set(serverUrl, pool)
    dropLeftBehind(serverUrl).catch(() => {})
  }
  return pool
}

const strategies = new WeakMap<pg.Pool, Promise<string>>()

/** A server that does not wait for its disk copies files fastest; any other one has to write them all out for that. */
function strategyOf(pool: pg.Pool): Promise<string> {
  let strategy = strategies.get(pool)
  if (!strategy) {
    strategy = pool
      .query('show fsync')
      .then(({ rows }) => (rows[0]?.fsync === 'off' ? ' strategy file_copy' : ''))
    strategies.set(pool, strategy)
    strategy.catch(() => strategies.delete(pool))
  }
  return strategy
}

/** Databases that differ in no migration have one template. */
function templateOf(migrations: readonly Migration[]): string {
  if (migrations.length === 0) return 'template0'
  const hash = createHash('sha256')
  for (const { number, name, kind, checksum } of migrations)
    hash.update(`${number} ${name} ${kind} ${checksum}\n`)
  return `atlas_template_${hash.digest('hex').slice(0, 32)}`
}

/** Made under another name and renamed when it is whole, by one process at a time. */
async function makeTemplate(
  serverUrl: string,
  template: string,
  migrations: readonly Migration[],
): Promise<void> {
  await withClient(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [template])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
    if (rowCount) return
    const making = `${prefix}${seconds()}_${randomBytes(6).toString('hex')}`
    await client.query(`create database ${quoted(making)} template template0`)
    try {
      await withClient(urlOfDatabase(serverUrl, making), (inside) => migrate(inside, migrations))
      await renameWhenFree(client, making, template)
    } catch (error) {
      await client.query(`drop database if exists ${quoted(making)} with (force)`).catch(() => {})
      throw error
    }
  })
}

/** The session that migrated may take a moment to be gone. */
async function renameWhenFree(client: pg.Client, from: string, to: string): Promise<void> {
  for (;;)
    try {
      await client.query(`alter database ${quoted(from)} rename to ${quoted(to)}`)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== inUse) throw error
      await new Promise((done) => setTimeout(done, 5))
    }
}

async function dropLeftBehind(serverUrl: string): Promise<void> {
  const names = await withClient(serverUrl, async (client) => {
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      prefix,
    ])
    return rows.map(({ datname }) => String(datname))
  })
  for (const name of names)
    if (Number(name.slice(prefix.length).split('_')[0]) < seconds() - leftBehindSeconds)
      await dropDatabase(serverUrl, name)
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
