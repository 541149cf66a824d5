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
    await writeFile(join(folder, 'unfinished', 'half'), 'te')
    const store = await folderBlobs(folder)
    expect((await store.list()).map(({ key }) => key)).toEqual(['whole'])
    expect(await readdir(join(folder, 'unfinished'))).toEqual([])
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
