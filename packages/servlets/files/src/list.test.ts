import { memoryBlobs, open } from '@atlas/sdk/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from './contract.ts'
import files from './servlet.ts'

const user = { id: '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01', email: 'ada@acme.example', name: 'Ada' }

async function openWith(paths: readonly string[]) {
  const content = memoryBlobs()
  for (const path of paths) await content.put(`${user.id}/${path}`, 'x')
  return open(files, { user, stores: { content }, calls: { identity: {} } })
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

test('does not read all of a big folder to list the one above', async () => {
  const paths = Array.from({ length: 5000 }, (_, n) => `big/${n}`)
  const content = memoryBlobs()
  for (const path of [...paths, 'z']) await content.put(`${user.id}/${path}`, 'x')
  let batches = 0
  const counted: typeof content = {
    ...content,
    list: (options) => {
      batches++
      return content.list(options)
    },
  }
  const client = open(files, { user, stores: { content: counted }, calls: { identity: {} } })
  expect((await client.list()).items.map(show)).toEqual(['big/', 'z'])
  expect(batches).toBe(2)
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
    { numRuns: 200 },
  )
})
