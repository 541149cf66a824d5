import { fileURLToPath } from 'node:url'
import { contract, endpoint, error, stream } from '@atlas/contract'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { servlet } from '../servlet.ts'
import { sqlStateOf } from '../stores/store-error.ts'
import { open } from './open.ts'
import { testDatabase } from './test-database.ts'

const folder = fileURLToPath(new URL('../fixtures/links', import.meta.url))

const links = pgTable('links', {
  id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  url: text().notNull(),
  clicks: integer().notNull().default(0),
})

const api = contract('links', {
  add: endpoint({
    route: 'POST /links',
    input: z.object({ url: z.string() }),
    output: z.object({ id: z.int() }),
    errors: { taken: error('already_exists') },
  }),
  all: endpoint({ route: 'GET /links', input: z.object({}), output: stream(z.object({ url: z.string() })) }),
  addTwo: endpoint({ route: 'POST /links/two', input: z.object({ url: z.string() }), output: z.object({}) }),
  nap: endpoint({ route: 'POST /nap', input: z.object({}), output: z.object({}) }),
})

const manifest = { owner: 'web', stores: { links: { postgres: {} } } }

const implementation = servlet(
  api,
  {
    manifest,
    setup: ({ stores }) => ({ value: { db: drizzle({ client: stores.links, schema: { links } }) } }),
  },
  {
    add: async ({ url }, { state: { db }, errors }) => {
      try {
        const [row] = await db.insert(links).values({ url }).returning({ id: links.id })
        return { id: row!.id }
      } catch (reason) {
        throw sqlStateOf(reason) === '23505' ? errors.taken() : reason
      }
    },
    all: async function* (_, { state: { db } }) {
      for (const { url } of await db.select().from(links).orderBy(links.url)) yield { url }
    },
    addTwo: async ({ url }, { state: { db } }) => {
      await db.transaction(async (tx) => {
        await tx.insert(links).values({ url: `${url}/1` })
        await tx
          .update(links)
          .set({ clicks: 1 })
          .where(eq(links.url, `${url}/1`))
        await tx.insert(links).values({ url })
      })
      return {}
    },
    nap: async (_, { state: { db } }) => {
      await db.execute(sql`select pg_sleep(20)`)
      return {}
    },
  },
)

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('a servlet with a Postgres store', { timeout: 120_000 }, () => {
  it('has a fresh database with its migrations in every test', async () => {
    for (let round = 0; round < 2; round++) {
      await using client = open(implementation, { folder })
      expect(await client.add({ url: 'a' })).toEqual({ id: 1 })
      expect(await collect(client.all())).toEqual([{ url: 'a' }])
    }
  })

  it('turns an SQLSTATE into a typed error, though drizzle wrapped it', async () => {
    await using client = open(implementation, { folder })
    await client.add({ url: 'a' })
    expect(await client.add.result({ url: 'a' })).toMatchObject({ ok: false, error: { kind: 'taken' } })
  })

  it('rolls a transaction back as a whole', async () => {
    await using client = open(implementation, { folder })
    await client.add({ url: 'a' })
    await expect(client.addTwo({ url: 'a' })).rejects.toMatchObject({ code: 'internal' })
    expect(await collect(client.all())).toEqual([{ url: 'a' }])
    await client.addTwo({ url: 'b' })
    expect(await collect(client.all())).toEqual([{ url: 'a' }, { url: 'b' }, { url: 'b/1' }])
  })

  it('takes a database that the test brings', async () => {
    await using database = await testDatabase({ servlet: 'links', store: 'links', folder })
    await database.query(`insert into links (url, clicks) values ('before', 7)`)
    await using client = open(implementation, { folder, stores: { links: database } })
    expect(await collect(client.all())).toEqual([{ url: 'before' }])
    await client.add({ url: 'later' })
    const { rows } = await database.query('select url, clicks from links order by url')
    expect(rows).toEqual([
      { url: 'before', clicks: 7 },
      { url: 'later', clicks: 0 },
    ])
  })

  it('cancels on the server what nobody waits for, and goes on', async () => {
    await using database = await testDatabase({ servlet: 'links', store: 'links', folder })
    await using client = open(implementation, { folder, stores: { links: database } })
    await expect(client.nap({}, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    for (;;) {
      const { rows } = await database.query(
        `select from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()`,
      )
      if (rows.length === 0) break
    }
    expect(await client.add({ url: 'a' })).toEqual({ id: 1 })
  })

  it('says where it looked when the folder of a servlet is not found', async () => {
    await using client = open(implementation)
    await expect(client.add({ url: 'a' })).rejects.toThrow(/servlet 'links'.* is not found from .*folder/)
  })
})
