import type { ClientBase } from 'pg'
import type { Migration } from './migration.ts'

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly number: number
  readonly name: string
  readonly kind: Migration['kind']
  readonly checksum: string
  /** ISO 8601. */
  readonly appliedAt: string
}

/** What {@link migrate} did and found. */
export interface Migrated {
  /** Applied just now. */
  readonly applied: readonly Migration[]
  /** Applied by a newer version of the servlet: this one has no file of them, and runs all the same. */
  readonly newer: readonly AppliedMigration[]
}

/** A migration that was refused or failed. Its message is a sentence for people. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** Any number, the same in all Atlas programs: of two that migrate one database, one waits. */
const lockKey = 7233114

/**
 * Applies the migrations that a database does not have yet, in their order, each in a transaction of its own together with
 * its record. Whoever is killed in between leaves whole steps, and the next one goes on from there.
 *
 * @throws MigrationError when a migration fails, or one that was applied is not what its file says any more
 */
export async function migrate(client: ClientBase, migrations: readonly Migration[]): Promise<Migrated> {
  const applied: Migration[] = []
  for (;;) {
    const before = await appliedMigrations(client)
    const next = nextOf(before, migrations)
    if (next === undefined) {
      const last = migrations.length
      return { applied, newer: before.filter(({ number }) => number > last) }
    }
    if (await applyAlone(client, migrations, next)) applied.push(next)
  }
}

/** What a database has. Empty for one that was never migrated. */
export async function appliedMigrations(client: ClientBase): Promise<AppliedMigration[]> {
  const { rows: found } = await client.query(
    `select to_regclass('atlas_platform.migrations') is not null as there`,
  )
  if (!found[0]?.there) return []
  const { rows } = await client.query(
    'select number, name, kind, checksum, applied_at from atlas_platform.migrations order by number',
  )
  return rows.map(({ applied_at, ...row }) => ({ ...row, appliedAt: applied_at.toISOString() }))
}

/** The first migration that was not applied yet. @throws MigrationError when files and database contradict each other */
function nextOf(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): Migration | undefined {
  for (const migration of migrations) {
    const { number, name, kind, checksum, file } = migration
    const known = applied[number - 1]
    if (!known) return migration
    if (known.name !== name || known.kind !== kind)
      throw new MigrationError(
        `${file} is not what was applied as number ${number} (${known.name}.${known.kind}); give it the next free number, ` +
          'or begin with an empty database: npx atlas db reset',
      )
    if (known.checksum !== checksum)
      throw new MigrationError(
        `${file} was changed after it had been applied; undo the change and put it into a new migration, ` +
          'or begin with an empty database: npx atlas db reset',
      )
  }
  return undefined
}

/** Applies a migration under a lock if it is the next one still. False when somebody else had applied it meanwhile. */
async function applyAlone(
  client: ClientBase,
  migrations: readonly Migration[],
  wanted: Migration,
): Promise<boolean> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [lockKey])
    await client.query('create schema if not exists atlas_platform')
    await client.query(`create table if not exists atlas_platform.migrations (
      number integer primary key, name text not null, kind text not null, checksum text not null,
      applied_at timestamptz not null default now())`)
    const isNext = nextOf(await appliedMigrations(client), migrations) === wanted
    if (isNext) await apply(client, wanted)
    await client.query('commit')
    return isNext
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

async function apply(
  client: ClientBase,
  { number, name, kind, checksum, sql, file }: Migration,
): Promise<void> {
  const transaction = await transactionId(client)
  try {
    await client.query(sql)
  } catch (error) {
    throw new MigrationError(
      `${file}${placeIn(sql, error)} fails: ${textOf(error)}; nothing of it was applied`,
      {
        cause: error,
      },
    )
  }
  if ((await transactionId(client)) !== transaction)
    throw new MigrationError(
      `${file} ends the transaction that the platform runs it in; remove begin, commit and rollback from it, ` +
        'then npx atlas db reset, because part of it may have been applied',
    )
  // What a migration sets for itself, such as the search_path, ends with it.
  await client.query('set local search_path to default')
  await client.query(
    'insert into atlas_platform.migrations (number, name, kind, checksum) values ($1, $2, $3, $4)',
    [number, name, kind, checksum],
  )
}

async function transactionId(client: ClientBase): Promise<string> {
  const { rows } = await client.query('select pg_current_xact_id()::text as id')
  return rows[0]?.id
}

/** ` (line 3)`, counted in characters as Postgres does. */
function placeIn(sql: string, error: unknown): string {
  const position = Number((error as { position?: string }).position)
  if (!(position > 0)) return ''
  const before = [...sql].slice(0, position - 1)
  return ` (line ${before.filter((character) => character === '\n').length + 1})`
}

function textOf(error: unknown): string {
  const { message, detail, hint } = error as { message: string; detail?: string; hint?: string }
  return [message, detail, hint].filter((text) => text !== undefined && text !== '').join('; ')
}
