import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobsSuite } from '@atlas/sdk/testing/blobs-suite'
import { afterEach, describe, expect, it } from 'vitest'
import { folderBlobs } from './folder-blobs.ts'

const folders: string[] = []

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-blobs-'))
  folders.push(folder)
  return folder
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

/** The id of a process that is not there any more. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

describe('a blobs store', () => {
  for (const { name, check } of blobsSuite(async () => folderBlobs(await newFolder())))
    it(name, check, 60_000)
})

describe('a folder', () => {
  it('keeps blobs for the next process', async () => {
    const folder = await newFolder()
    const first = await folderBlobs(folder)
    const info = await first.put('a/b', 'text', { metadata: { owner: 'ada' } })
    await first.put('gone', 'text')
    await first.delete('gone')
    const second = await folderBlobs(folder)
    expect(await second.list()).toEqual([info])
    expect(await new Response((await second.get('a/b'))!.body).text()).toBe('text')
  })

  it('forgets what a killed process had not finished writing', async () => {
    const folder = await newFolder()
    await (await folderBlobs(folder)).put('whole', 'text')
    await writeFile(join(folder, 'unfinished', `${await endedPid()}-half`), 'te')
    await writeFile(join(folder, 'unfinished', `${process.pid}-half`), 'te')
    const store = await folderBlobs(folder)
    expect((await store.list()).map(({ key }) => key)).toEqual(['whole'])
    expect(await readdir(join(folder, 'unfinished'))).toEqual([`${process.pid}-half`])
  })

  it('is one for all who opened it: what one writes, replaces or deletes the others see', async () => {
    const folder = await newFolder()
    const [one, other] = [await folderBlobs(folder), await folderBlobs(folder)]
    await one.put('a', 'first')
    expect((await other.list()).map(({ key }) => key)).toEqual(['a'])
    const info = await other.put('a', 'second')
    expect(await one.head('a')).toEqual(info)
    expect(await one.list()).toEqual([info])
    await one.put('b', 'x')
    expect((await other.list()).map(({ key }) => key)).toEqual(['a', 'b'])
    await one.delete('a')
    expect(await other.get('a')).toBeUndefined()
    expect((await other.list()).map(({ key }) => key)).toEqual(['b'])
  })

  it('lets one of many writers win whose ifMatch holds, across those who opened it', async () => {
    const folder = await newFolder()
    const stores = await Promise.all(Array.from({ length: 8 }, () => folderBlobs(folder)))
    const made = await Promise.allSettled(stores.map((store, n) => store.put('a', `${n}`, { ifMatch: null })))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { etag } = (await stores[0]!.head('a'))!
    const replaced = await Promise.allSettled(
      stores.map((store, n) => store.put('a', `${n}`, { ifMatch: etag })),
    )
    expect(replaced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('does not take a file that was cut short for a blob', async () => {
    const folder = await newFolder()
    await (await folderBlobs(folder)).put('a', 'a long enough text')
    const [file = ''] = await readdir(join(folder, 'objects'))
    for (const length of [40, 8, 3, 0]) {
      await truncate(join(folder, 'objects', file), length)
      expect(await (await folderBlobs(folder)).list()).toEqual([])
    }
  })

  it('leaves nothing behind of a write that failed', async () => {
    const folder = await newFolder()
    const store = await folderBlobs(folder)
    const failing = (async function* () {
      yield new Uint8Array(10)
      throw new Error('the sender went away')
    })()
    await expect(store.put('a', failing)).rejects.toThrow('the sender went away')
    expect(await readdir(join(folder, 'unfinished'))).toEqual([])
    expect(await store.head('a')).toBeUndefined()
  })

  it('reads the blob that was there when it was asked for, whatever is written meanwhile', async () => {
    const store = await folderBlobs(await newFolder())
    await store.put('a', 'first')
    const got = (await store.get('a'))!
    await store.put('a', 'second, and longer')
    expect(await new Response(got.body).text()).toBe('first')
  })

  it('closes the file of a body that is given up', async () => {
    const store = await folderBlobs(await newFolder())
    await store.put('a', new Uint8Array(1_000_000))
    const before = (await readdir('/proc/self/fd')).length
    for (let i = 0; i < 50; i++) await (await store.get('a'))!.body.cancel()
    await new Promise((done) => setTimeout(done, 50))
    expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 10)
  })
})
