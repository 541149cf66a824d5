import { setImmediate as turn } from 'node:timers/promises'
import { byteStream } from '@atlas/contract'
import type { Blobs } from '@atlas/sdk'
import { memoryBlobs, open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import files from './servlet.ts'

const user = { id: '2c1f0d36-3b0e-4a55-9d4e-0f6f2a3f1b01', email: 'ada@acme.example', name: 'Ada' }
const chunk = new Uint8Array(64 * 1024)
const chunks = 1024

/** How far the source may be ahead of the reader: what the queues of a few streams hold, whatever the size of the file. */
const maxAhead = 8

/** 64 MiB that are made when they are asked for, and how many chunks of them were. */
function bigFile() {
  const made = { count: 0 }
  const body = async function* () {
    while (made.count < chunks) {
      made.count++
      yield chunk
    }
  }
  return { made, body: byteStream(body(), { contentType: 'video/mp4' }) }
}

test('an upload is never held in memory: its source waits for the store', async () => {
  const { made, body } = bigFile()
  let stored = 0
  let ahead = 0
  const content: Blobs = {
    ...memoryBlobs(),
    async put(key, source, options) {
      for await (const _ of byteStream(source)) {
        ahead = Math.max(ahead, made.count - ++stored)
        await turn() // slow enough for a source to run ahead
      }
      const [etag, modified] = ['1', new Date().toISOString()]
      const sizeBytes = stored * chunk.byteLength
      const { contentType = 'video/mp4', metadata = {} } = options ?? {}
      return { key, sizeBytes, contentType, metadata, etag, modified }
    },
  }
  await using client = open(files, { user, stores: { content }, calls: { identity: {} } })
  const file = await client.upload({ path: 'film.mp4', body })
  expect(file.sizeBytes).toBe(64 * 2 ** 20)
  expect(ahead).toBeLessThan(maxAhead)
})

test('nor is a download: the store waits for the reader', async () => {
  const { made, body } = bigFile()
  const content: Blobs = {
    ...memoryBlobs(),
    get: async (key) => ({
      ...{ key, body, sizeBytes: chunks * chunk.byteLength, contentType: 'video/mp4' },
      ...{ etag: '1', modified: new Date().toISOString(), metadata: {} },
    }),
  }
  await using client = open(files, { user, stores: { content }, calls: { identity: {} } })
  await client.upload({ path: 'film.mp4', body: 'put aside' })
  let read = 0
  let ahead = 0
  for await (const _ of await client.download({ path: 'film.mp4' })) {
    ahead = Math.max(ahead, made.count - ++read)
    await turn()
  }
  expect(read).toBe(chunks)
  expect(ahead).toBeLessThan(maxAhead)
})
