import { describe, expect, it } from 'vitest'
import { withClient } from '../databases/databases.ts'
import { prepareDatabase } from '../databases/prepare-database.ts'
import { emptyDatabase, migration, sharedServer } from '../fixtures/servers.ts'
import { appliedMigrations, migrate } from './migrate.ts'
import type { Migration } from './migration.ts'

const create = migration(1, 'create table links (id int primary key);')
const column = migration(2, 'alter table links add column url text;')

const run = (url: string, migrations: readonly Migration[]) =>
  withClient(url, (client) => migrate(client, migrations))
const applied = async (url: string) =>
  (await withClient(url, appliedMigrations)).map(({ number, name }) => `${number} ${name}`)
const columns = (url: string) =>
  withClient(url, async (client) => {
    const { rows } = await client.query(
      `select column_name from information_schema.columns where table_name = 'links' order by 1`,
    )
    return rows.map(({ column_name }) => column_name)
  })

describe('migrations', { timeout: 120_000 }, () => {
  it('are applied in their order, once, and remembered', async () => {
    await using database = await emptyDatabase()
    expect((await run(database.url, [create])).applied).toEqual([create])
    expect((await run(database.url, [create, column])).applied).toEqual([column])
    expect((await run(database.url, [create, column])).applied).toEqual([])
    expect(await columns(database.url)).toEqual(['id', 'url'])
    expect(await withClient(database.url, appliedMigrations)).toMatchObject([
      { number: 1, name: 'step-1', kind: 'expand', checksum: create.checksum },
      { number: 2, name: 'step-2' },
    ])
  })

  it('of a newer version are accepted, so that the one before still runs', async () => {
    await using database = await emptyDatabase()
    await run(database.url, [create, column])
    const { applied, newer } = await run(database.url, [create])
    expect(applied).toEqual([])
    expect(newer.map(({ name }) => name)).toEqual(['step-2'])
  })

  it('that were changed after they had been applied are refused, with the remedy', async () => {
    await using database = await emptyDatabase()
    await run(database.url, [create])
    await expect(run(database.url, [migration(1, 'create table other ();'), column])).rejects.toThrow(
      /0001-step-1\.expand\.sql was changed after it had been applied; undo the change .*atlas db reset/,
    )
    await expect(run(database.url, [{ ...create, name: 'other' }])).rejects.toThrow(
      'is not what was applied as number 1 (step-1.expand)',
    )
    await expect(run(database.url, [{ ...create, kind: 'contract' }])).rejects.toThrow(
      'give it the next free number',
    )
    expect(await columns(database.url)).toEqual(['id'])
  })

  it('that fail leave nothing of themselves, and say where', async () => {
    await using database = await emptyDatabase()
    const failing = migration(2, 'create table half ();\nalter table lniks add column url text;\n')
    await expect(run(database.url, [create, failing, migration(3, 'select 1')])).rejects.toThrow(
      'migrations/links/0002-step-2.expand.sql fails: relation "lniks" does not exist; nothing of it was applied',
    )
    expect(await applied(database.url)).toEqual(['1 step-1'])
    await expect(run(database.url, [create, migration(2, 'select 1;\n\nselct 2;')])).rejects.toThrow(
      '(line 3) fails: syntax error at or near "selct"',
    )
    // Mended, it goes on.
    await run(database.url, [create, column])
    expect(await columns(database.url)).toEqual(['id', 'url'])
  })

  it('that end their transaction are refused', async () => {
    await using database = await emptyDatabase()
    await expect(
      run(database.url, [migration(1, 'create table a (); end; create table b ();')]),
    ).rejects.toThrow(
      'ends the transaction that the platform runs it in; remove begin, commit and rollback from it',
    )
    expect(await applied(database.url)).toEqual([])
  })

  it('are applied once by many who begin at once', async () => {
    await using database = await emptyDatabase()
    const slow = [create, column, migration(3, `select pg_sleep(0.2); insert into links values (1, 'a');`)]
    const done = await Promise.all(Array.from({ length: 8 }, () => run(database.url, slow)))
    expect(done.flatMap(({ applied }) => applied.map(({ number }) => number)).sort()).toEqual([1, 2, 3])
    expect(await applied(database.url)).toEqual(['1 step-1', '2 step-2', '3 step-3'])
  })

  it('that were cut off in the middle are applied as a whole by the next one', async () => {
    await using database = await emptyDatabase()
    const slow = migration(2, `alter table links add column url text; select pg_sleep(30);`)
    const cutOff = run(database.url, [create, slow]).catch((error: unknown) => String(error))
    await withClient(database.url, async (client) => {
      for (let ended = 0; ended === 0; ) {
        const { rows } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
        )
        ended = rows.length
      }
    })
    expect(await cutOff).toContain('terminating connection')
    expect(await columns(database.url)).toEqual(['id'])
    await run(database.url, [create, column])
    expect(await columns(database.url)).toEqual(['id', 'url'])
  })
})

describe('a database', { timeout: 120_000 }, () => {
  it('is made and migrated where there is none, by any number at once', async () => {
    const server = await sharedServer()
    const name = `atlas_test_${Math.floor(Date.now() / 1000)}_prepare_${process.pid}`
    try {
      const made = await Promise.all(Array.from({ length: 5 }, () => prepareDatabase(server, name, [create])))
      expect(made.flatMap(({ applied }) => applied)).toEqual([create])
      expect(await columns(made[0]!.url)).toEqual(['id'])
    } finally {
      await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`))
    }
  })

  it('of a server that is away, or refuses us, says so without the password', async () => {
    const away = prepareDatabase('postgres://atlas:hunter2@127.0.0.1:9/postgres', 'a', [])
    await expect(away).rejects.toThrow(
      /^the Postgres server at 127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\); start it, or unset ATLAS_POSTGRES_URL/,
    )
    const url = new URL(await sharedServer())
    url.password = 'hunter2'
    const refused = await prepareDatabase(url.href, 'a', []).catch((error: unknown) => String(error))
    expect(refused).toContain('does not let us in')
    expect(refused).not.toContain('hunter2')
  })
})
