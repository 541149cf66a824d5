import type { Account } from '@acme/identity/contract'
import { AtlasError } from '@atlas/contract'
import type { Blobs, Postgres } from '@atlas/sdk'
import { memoryBlobs, open, testDatabase } from '@atlas/sdk/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import files from './servlet.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const ada: Account = {
  id: '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01',
  email: 'ada@acme.example',
  name: 'Ada',
}
const eve: Account = { id: '7a8b9c0d-1e2f-4a3b-8c4d-5e6f7a8b9c02', email: 'eve@acme.example', name: 'Eve' }

/** Fresh for each test; everybody in it shares them, as in production. */
let stores: { tree: Postgres & AsyncDisposable; content: Blobs }
beforeEach(async () => {
  stores = { tree: await testDatabase({ servlet: 'files', store: 'tree' }), content: memoryBlobs() }
})
afterEach(() => stores.tree[Symbol.asyncDispose]())

/** The servlet as one user sees it. */
function openFor(user: Account, quotaMiB = 1) {
  return open(files, { user, stores, config: { quotaMiB }, calls: { identity: { account } } })
}

async function account({ id }: { id: string }) {
  const found = [ada, eve].find((known) => known.id === id)
  if (!found) throw new AtlasError('not_found', 'no such account', { kind: 'noSuchAccount', data: {} })
  return found
}

const textOf = (body: ReadableStream<Uint8Array>) => new Response(body).text()
const kind = (name: string) => expect.objectContaining({ kind: name })

describe('files', () => {
  test('come back as they were uploaded', async () => {
    const client = openFor(ada)
    const body = new Blob(['<h1>Hi</h1>'], { type: 'text/html' })
    const file = await client.upload({ path: 'site/index.html', body })
    expect(file).toMatchObject({ path: 'site/index.html', sizeBytes: 11, contentType: 'text/html' })
    expect(await client.stat({ path: 'site/index.html' })).toEqual(file)
    const download = await client.download({ path: 'site/index.html' })
    expect(download).toMatchObject({ contentType: 'text/html', sizeBytes: 11 })
    expect(await textOf(download)).toBe('<h1>Hi</h1>')
  })

  test('are not there before they are uploaded, nor after they are removed', async () => {
    const client = openFor(ada)
    const path = 'a.txt'
    await expect(client.stat({ path })).rejects.toEqual(kind('noSuchFile'))
    await client.upload({ path, body: 'a' })
    await client.remove({ path })
    await expect(client.download({ path })).rejects.toEqual(kind('noSuchFile'))
    await expect(client.remove({ path })).rejects.toEqual(kind('noSuchFile'))
  })

  test('are their owner’s alone', async () => {
    await openFor(ada).upload({ path: 'diary.txt', body: 'mine' })
    const other = openFor(eve)
    expect(await other.list()).toEqual({ items: [] })
    await expect(other.download({ path: 'diary.txt' })).rejects.toEqual(kind('noSuchFile'))
    await expect(other.stat({ path: `../${ada.id}/diary.txt` })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    const nobody = open(files, { stores, calls: { identity: {} } })
    await expect(nobody.list()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('move, but onto no other file', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: new Blob(['A'], { type: 'text/x-a' }) })
    await client.upload({ path: 'b', body: 'B' })
    await expect(client.move({ from: 'a', to: 'b' })).rejects.toEqual(kind('taken'))
    await expect(client.move({ from: 'a', to: 'a' })).rejects.toEqual(kind('taken'))
    await expect(client.move({ from: 'c', to: 'd' })).rejects.toEqual(kind('noSuchFile'))
    expect(await client.move({ from: 'a', to: 'c/a' })).toMatchObject({
      path: 'c/a',
      contentType: 'text/x-a',
    })
    await expect(client.stat({ path: 'a' })).rejects.toEqual(kind('noSuchFile'))
    expect(await textOf(await client.download({ path: 'c/a' }))).toBe('A')
  })
})

describe('of uploads at once', () => {
  test('of a new file, exactly one wins', async () => {
    const client = openFor(ada)
    const uploads = await Promise.all(
      ['1', '2', '3'].map((body) => client.upload.result({ path: 'a', body, ifMatch: 'none' })),
    )
    const winner = uploads.findIndex(({ ok }) => ok)
    expect(uploads.filter((upload) => !upload.ok && upload.error.kind === 'changed')).toHaveLength(2)
    expect(await textOf(await client.download({ path: 'a' }))).toBe(String(winner + 1))
  })

  test('of a known file, exactly one wins', async () => {
    const client = openFor(ada)
    const { etag } = await client.upload({ path: 'a', body: '0' })
    const uploads = await Promise.all(
      ['1', '2'].map((body) => client.upload.result({ path: 'a', body, ifMatch: etag })),
    )
    expect(uploads.filter(({ ok }) => ok)).toHaveLength(1)
    await expect(client.upload({ path: 'a', body: '3', ifMatch: etag })).rejects.toEqual(kind('changed'))
  })

  test('without a condition, the last one wins', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: '1' })
    await client.upload({ path: 'a', body: '2' })
    expect(await textOf(await client.download({ path: 'a' }))).toBe('2')
  })
})

describe('the quota', () => {
  const MiB = 2 ** 20

  test('may be used up, and no byte more', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: new Uint8Array(MiB - 1) })
    await client.upload({ path: 'b', body: 'b' })
    const more = await client.upload.result({ path: 'c', body: 'c' })
    expect(more).toMatchObject({ ok: false, error: { kind: 'full', data: { quotaBytes: MiB } } })
  })

  test('holds for bodies whose size nobody knows, and leaves nothing of them', async () => {
    const client = openFor(ada)
    const body = async function* () {
      for (let kiB = 0; kiB <= 1024; kiB++) yield new Uint8Array(1024)
    }
    await expect(client.upload({ path: 'a', body: body() })).rejects.toEqual(kind('full'))
    expect(await client.list()).toEqual({ items: [] })
  })

  test('counts what is replaced once', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: new Uint8Array(MiB) })
    await client.upload({ path: 'a', body: new Uint8Array(MiB) })
    expect(await client.usage()).toEqual({ usedBytes: MiB, quotaBytes: MiB })
    await client.remove({ path: 'a' })
    expect(await client.usage()).toMatchObject({ usedBytes: 0 })
  })

  test('holds for uploads at once', async () => {
    const client = openFor(ada)
    const half = new Uint8Array(MiB / 2 + 1)
    const uploads = await Promise.all(
      ['a', 'b', 'c'].map((path) => client.upload.result({ path, body: half })),
    )
    expect(uploads.filter(({ ok }) => ok)).toHaveLength(1)
    expect((await stores.content.list()).length).toBe(1)
  })

  test('is each account’s own', async () => {
    await openFor(ada).upload({ path: 'a', body: new Uint8Array(MiB) })
    await openFor(eve).upload({ path: 'a', body: new Uint8Array(MiB) })
  })
})

describe('bytes', () => {
  const keys = async () => (await stores.content.list()).map(({ key }) => key)
  const loose = async () => (await stores.tree.query('SELECT * FROM loose_bytes')).rows

  test('that nobody needs any more are removed', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: '1' })
    const { etag } = await client.upload({ path: 'a', body: '2' })
    expect(await keys()).toEqual([`${ada.id}/${etag}`])
    await client.remove({ path: 'a' })
    expect([await keys(), await loose()]).toEqual([[], []])
  })

  test('of an upload that was cut off are removed by a later one', async () => {
    const client = openFor(ada)
    const put = async (etag: string, since: string) => {
      await stores.tree.query(`INSERT INTO loose_bytes VALUES ($1, $2, now() - $3::interval)`, [
        ada.id,
        etag,
        since,
      ])
      await stores.content.put(`${ada.id}/${etag}`, 'half')
    }
    await put(ada.id, '2 hours')
    await put(eve.id, '1 minute')
    const { etag } = await client.upload({ path: 'a', body: 'a' })
    expect((await keys()).toSorted()).toEqual([`${ada.id}/${etag}`, `${ada.id}/${eve.id}`].toSorted())
    expect(await loose()).toHaveLength(1)
  })

  test('are not lost when an upload replaces them while they are read', async () => {
    const client = openFor(ada)
    await client.upload({ path: 'a', body: 'old' })
    const download = await client.download({ path: 'a' })
    await client.upload({ path: 'a', body: 'new' })
    expect(await textOf(download)).toBe('old')
    expect(await textOf(await client.download({ path: 'a' }))).toBe('new')
  })
})

describe('for other servlets', () => {
  test('a file is known by its id, wherever it is moved to', async () => {
    const client = openFor(ada)
    const { id: fileId } = await client.upload({ path: 'a', body: 'a' })
    await client.move({ from: 'a', to: 'b/a' })
    expect(await client.fileOf({ accountId: ada.id, fileId })).toMatchObject({ id: fileId, path: 'b/a' })
    expect(await textOf(await client.contentOf({ accountId: ada.id, fileId }))).toBe('a')
    await expect(client.fileOf({ accountId: eve.id, fileId })).rejects.toEqual(kind('noSuchFile'))
  })

  test('the files of a closed account are gone', async () => {
    const gone = { ...ada, id: '00000000-0000-4000-8000-000000000000' }
    const client = openFor(gone)
    const { id: fileId } = await client.upload({ path: 'a', body: 'a' })
    await expect(client.fileOf({ accountId: gone.id, fileId })).rejects.toEqual(kind('noSuchFile'))
    await expect(client.contentOf({ accountId: gone.id, fileId })).rejects.toEqual(kind('noSuchFile'))
  })
})
