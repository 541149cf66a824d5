import type { FileInfo } from '@acme/files/contract'
import { AtlasError, byteStream } from '@atlas/contract'
import { memoryBlobs, open } from '@atlas/sdk/testing'
import { expect, test, vi } from 'vitest'
import previews from './servlet.ts'

const user = { id: 'c0ffee00-0000-4000-8000-000000000001', email: 'ada@acme.example', name: 'Ada' }

const file = (etag = '1', contentType = 'text/markdown'): FileInfo => ({
  ...{ kind: 'file', id: 'c0ffee00-0000-4000-8000-000000000002', path: 'notes/plan.md', sizeBytes: 6 },
  ...{ etag, contentType, modified: new Date(Date.now() + 1000).toISOString() },
})
const refused = (code: 'not_found' | 'permission_denied', kind: string) =>
  new AtlasError(code, 'refused', { kind, data: {} })

/** Previews where there is one file. */
function openWith(
  info: () => FileInfo,
  content: () => string | Uint8Array,
  pages = memoryBlobs(),
  maxKiB = 1,
) {
  const read = vi.fn(async () => content())
  const client = open(previews, {
    user,
    stores: { pages },
    config: { maxKiB },
    calls: {
      files: {
        stat: async ({ path }) => {
          if (path !== 'notes/plan.md') throw refused('not_found', 'noSuchFile')
          return info()
        },
        download: read,
        contentOf: read,
      },
      sharing: {
        linked: async ({ ticket }) => {
          if (ticket !== 'good') throw refused('permission_denied', 'noTicket')
          return { ownerId: user.id, file: info() }
        },
      },
    },
  })
  return { client, read, pages }
}

const textOf = (body: ReadableStream<Uint8Array>) => new Response(body).text()
const path = 'notes/plan.md'

test('shows a file as a page', async () => {
  const { client } = openWith(file, () => '# Plan')
  const page = await client.file({ path })
  expect(page.contentType).toBe('text/html; charset=utf-8')
  expect(await textOf(page)).toMatch(/<title>plan\.md<\/title><h1>Plan<\/h1>/)
  await expect(client.file({ path: 'x' })).rejects.toMatchObject({ kind: 'noSuchFile' })
})

test('makes the page of a version once, and keeps that of the newest only', async () => {
  let etag = '1'
  const { client, read, pages } = openWith(
    () => file(etag),
    () => `# Plan ${etag}`,
  )
  const first = await textOf(await client.file({ path }))
  expect(await textOf(await client.file({ path }))).toBe(first)
  expect(read).toHaveBeenCalledOnce()
  etag = '2'
  expect(await textOf(await client.file({ path }))).toContain('Plan 2')
  expect((await pages.list()).map(({ key }) => key)).toEqual([`${file().id}/2`])
})

test('reads no more of a file than it shows', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(512))
  let made = 0
  const endless = async function* () {
    for (;;) {
      made++
      yield chunk
    }
  }
  const big = file('1', 'text/plain')
  const { client } = openWith(
    () => ({ ...big, path: 'notes/big.txt' }),
    () => byteStream(endless(), { contentType: 'text/plain' }) as never,
  )
  expect(await textOf(await client.file({ path }))).toMatch(/<pre>x{1024}<\/pre><p>…<\/p>/)
  expect(made).toBeLessThan(20)
})

test('says what it cannot show', async () => {
  const { client } = openWith(
    () => ({ ...file('1', 'video/mp4'), path: 'film.mp4' }),
    () => Uint8Array.of(0xff, 0x00),
  )
  await expect(client.file({ path })).rejects.toMatchObject({
    kind: 'noPreview',
    data: { contentType: 'video/mp4' },
  })
})

test('shows what a ticket lets its holder read', async () => {
  const { client } = openWith(file, () => '# Plan')
  const id = 'A'.repeat(22)
  expect(await textOf(await client.link({ id, ticket: 'good' }))).toContain('<h1>Plan</h1>')
  await expect(client.link({ id, ticket: 'bad' })).rejects.toMatchObject({ kind: 'noTicket' })
})
