import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CatalogServlet } from '@atlas/manifest'
import { testServer } from '@atlas/postgres/testing'
import type { Blobs, Logger, Postgres } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseHost } from './database-host.ts'
import { openStores } from './open-stores.ts'
import { type StoreProvider, storeProvider } from './store-provider.ts'

const workspace = fileURLToPath(new URL('../../../../..', import.meta.url))
const dir = 'packages/servlets/links'
// Databases of this test alone, on the server that all tests share.
const environment = `test-${process.pid}-${Date.now().toString(36)}`
const links = {
  name: 'links',
  dir,
  manifest: { stores: { links: { postgres: { maxConnections: 10 } }, content: { blobs: {} } } },
} as unknown as CatalogServlet

let root: string
let variables: Record<string, string>
const lines: string[] = []
const log: Logger = {
  debug: () => {},
  info: (message) => void lines.push(message),
  warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
  error: (message) => void lines.push(message),
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'atlas-stores-'))
  variables = { ATLAS_POSTGRES_URL: await testServer(join(workspace, '.atlas/tests/postgres')) }
  await write('0001-create.expand.sql', 'create table links (url text);')
}, 120_000)

afterAll(async () => {
  for (const namespace of [undefined, 'other']) {
    const host = databaseHost({ root, environment, namespace, variables })
    await host.drop({ servlet: 'links', dir, store: 'links' })
    await host.close()
  }
  await rm(root, { recursive: true, force: true })
}, 120_000)

async function write(name: string, sql: string): Promise<void> {
  const file = join(root, dir, 'migrations/links', name)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, sql)
}

const provide = (namespace?: string, given = variables): StoreProvider =>
  storeProvider({ root, environment, namespace, servlets: [links], variables: given, logOf: () => log })

describe('the stores of a servlet', { timeout: 120_000 }, () => {
  it('are planned as plain data, opened in whichever process, and keep what was written', async () => {
    const provider = provide()
    const plan = await provider.plan(links)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
    expect(plan.content).toEqual({
      kind: 'blobs',
      folder: join(root, '.atlas', environment, 'links/content'),
    })
    expect(lines).toContain(`applied ${dir}/migrations/links/0001-create.expand.sql`)
    for (const round of [1, 2]) {
      const { stores, close } = await openStores(plan, { servlet: 'links', log })
      const database = stores.links as Postgres
      await database.query('insert into links values ($1)', [`${round}`])
      expect((await database.query('select from links')).rowCount).toBe(round)
      await (stores.content as Blobs).put(`${round}`, 'x')
      expect(await (stores.content as Blobs).list()).toHaveLength(round)
      await close()
    }
    await provider.close()
  })

  it('of another namespace are others', async () => {
    const provider = provide('other')
    const { stores, close } = await openStores(await provider.plan(links), { servlet: 'links', log })
    expect((await (stores.links as Postgres).query('select from links')).rowCount).toBe(0)
    expect(await (stores.content as Blobs).list()).toEqual([])
    await close()
    await provider.close()
  })

  it('tell of slow queries', async () => {
    const provider = provide('other')
    const { stores, close } = await openStores(await provider.plan(links), { servlet: 'links', log })
    await (stores.links as Postgres).query('select pg_sleep(0.25)')
    expect(lines.find((line) => line.includes('pg_sleep'))).toMatch(/^slow query .*"store":"links"/)
    await close()
    await provider.close()
  })

  it('get new migrations when they are planned again, and one sentence says what is wrong with one', async () => {
    const provider = provide()
    await provider.plan(links)
    await write('0002-more.expand.sql', 'alter table links add column more text;')
    await provider.plan(links)
    expect(lines).toContain(`applied ${dir}/migrations/links/0002-more.expand.sql`)
    await write('0004-gap.expand.sql', 'select 1;')
    await expect(provider.plan(links)).rejects.toThrow(
      /0004-gap\.expand\.sql: .*number 3 is missing; rename it to/,
    )
    await rm(join(root, dir, 'migrations/links/0004-gap.expand.sql'))
    await write('0003-bad.expand.sql', 'alter table nope add column a int;')
    await expect(provider.plan(links)).rejects.toThrow(
      /0003-bad\.expand\.sql.* fails: relation "nope" does not exist; nothing of it was applied/,
    )
    await rm(join(root, dir, 'migrations/links/0003-bad.expand.sql'))
    await provider.plan(links)
    await provider.close()
  })

  it.each([
    ['mysql://a', 'is no URL of a server'],
    ['postgres://atlas:hunter2@127.0.0.1:9/postgres', 'cannot be reached (ECONNREFUSED)'],
  ])('are not to be had from %s, which is said without a password', async (url, reason) => {
    const provider = provide(undefined, { ATLAS_POSTGRES_URL: url })
    const error = await provider.plan(links).catch((failure: Error) => failure.message)
    expect(error).toContain(reason)
    expect(error).not.toContain('hunter2')
    await provider.close()
  })
})
