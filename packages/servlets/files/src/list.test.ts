import { randomUUID } from 'node:crypto'
import type { Postgres } from '@atlas/sdk'
import { open, testDatabase } from '@atlas/sdk/testing'
import { PgDialect } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { childrenOf } from './children.ts'
import type { Entry } from './contract.ts'
import files from './servlet.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let tree: Postgres & AsyncDisposable
beforeAll(async () => {
  tree = await testDatabase({ servlet: 'files', store: 'tree' })
})
afterAll(() => tree[Symbol.asyncDispose]())

/** A client of somebody new who has these files. */
async function openWith(paths: readonly string[]) {
  const user = { id: randomUUID(), email: 'ada@acme.example', name: 'Ada' }
  await tree.query('INSERT INTO trees (account_id) VALUES ($1)', [user.id])
  await tree.query(
    `INSERT INTO files (id, account_id, path, size_bytes, content_type, etag, modified)
     SELECT gen_random_uuid(), $1, path, 1, 'text/plain', gen_random_uuid(), now() FROM unnest($2::text[]) AS path`,
    [user.id, paths],
  )
  return open(files, { user, stores: { tree }, calls: { identity: {} } })
}

const show = ({ kind, path }: Entry) => (kind === 'folder' ? `${path}/` : path)

test('lists what is directly in a folder', async () => {
  const client = await openWith(['a.txt', 'a/b/c.txt', 'a/b.txt', 'a/z.txt', 'b.txt'])
  expect((await client.list()).items.map(show)).toEqual(['a.txt', 'a/', 'b.txt'])
  expect((await client.list({ folder: 'a' })).items.map(show)).toEqual(['a/b.txt', 'a/b/', 'a/z.txt'])
  expect((await client.list({ folder: 'a/b' })).items.map(show)).toEqual(['a/b/c.txt'])
  expect(await client.list({ folder: 'a/b.txt' })).toEqual({ items: [] })
})

test('goes on where the last page ended, also when it ended with a folder', async () => {
  const client = await openWith(['a/1', 'a/2', 'b'])
  const first = await client.list({ limit: 1 })
  expect(first.items.map(show)).toEqual(['a/'])
  const second = await client.list({ limit: 1, cursor: first.next })
  expect(second.items.map(show)).toEqual(['b'])
  expect(second.next).toBeUndefined()
})

test('refuses a cursor that is none', async () => {
  const client = await openWith(['a'])
  await expect(client.list({ cursor: 'a' })).rejects.toMatchObject({ code: 'invalid_argument' })
})

test('does not read all of a big folder to list the one above', async () => {
  const paths = [...Array.from({ length: 20_000 }, (_, n) => `big/${n}`), 'z']
  const client = await openWith(paths)
  await tree.query('ANALYZE files')
  const { rows } = await tree.query('SELECT account_id FROM files GROUP BY 1 ORDER BY count(*) DESC LIMIT 1')
  const { sql, params } = new PgDialect().sqlToQuery(childrenOf(rows[0].account_id, undefined, '', 100))
  const plan = await tree.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, params)
  const [{ Plan }] = plan.rows[0]['QUERY PLAN']
  // Two children, each found by one way down the index: some pages, where the whole folder has hundreds.
  expect(Plan['Actual Rows']).toBe(2)
  expect(Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks']).toBeLessThan(50)
  expect((await client.list()).items.map(show)).toEqual(['big/', 'z'])
})

test('however large the pages, every file is found exactly once, in the order of bytes', async () => {
  // Few and short names, around '/' in the order of bytes, so that files and folders meet.
  const name = fc.string({
    unit: fc.constantFrom('a', '-', '.', '0', 'é', '\u{10fffd}'),
    minLength: 1,
    maxLength: 3,
  })
  const path = fc
    .array(
      name.filter((text) => text !== '.' && text !== '..'),
      { minLength: 1, maxLength: 3 },
    )
    .map((names) => names.join('/'))
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path), fc.integer({ min: 1, max: 5 }), async (paths, limit) => {
      const client = await openWith(paths)
      const found: string[] = []
      const walk = async (folder?: string) => {
        for (let cursor: string | undefined; ; ) {
          const page = await client.list({ folder, limit, cursor })
          expect(page.items.length).toBeLessThanOrEqual(limit)
          for (const entry of page.items)
            if (entry.kind === 'file') found.push(entry.path)
            else await walk(entry.path)
          cursor = page.next
          if (cursor === undefined) return
        }
      }
      await walk()
      const inOrder = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(found).toEqual(inOrder)
    }),
    { numRuns: 60 },
  )
}, 120_000)
