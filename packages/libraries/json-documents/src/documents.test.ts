import { memoryBlobs } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { documents } from './documents.ts'

const Counter = z.object({ count: z.int() })

test('creates a document once', async () => {
  const counters = documents(memoryBlobs(), Counter, 'counters')
  const created = await Promise.all([1, 2, 3].map((count) => counters.create('a', { count })))
  expect(created.filter(Boolean)).toHaveLength(1)
  expect(await counters.get('a')).toEqual({ count: created.indexOf(true) + 1 })
  expect(await counters.get('b')).toBeUndefined()
})

test('loses no update of many at once', async () => {
  const counters = documents(memoryBlobs(), Counter, 'counters')
  await counters.create('a', { count: 0 })
  await Promise.all(
    Array.from({ length: 20 }, () => counters.update('a', ({ count }) => ({ count: count + 1 }))),
  )
  expect(await counters.get('a')).toEqual({ count: 20 })
})

test('gives up on a document that never stands still', async () => {
  const blobs = memoryBlobs()
  const counters = documents(blobs, Counter, 'counters')
  await counters.create('a', { count: 0 })
  const restless = {
    ...blobs,
    put: async (...args: Parameters<typeof blobs.put>) => {
      await blobs.put('counters/a', '{"count":1}')
      return blobs.put(...args)
    },
  }
  await expect(
    documents(restless, Counter, 'counters').update('a', () => ({ count: 2 })),
  ).rejects.toMatchObject({ code: 'aborted' })
})

test('neither updates nor deletes what is not there', async () => {
  const counters = documents(memoryBlobs(), Counter, 'counters')
  expect(await counters.update('a', (counter) => counter)).toBeUndefined()
  expect(await counters.delete('a')).toBe(false)
})

test('keeps folders apart', async () => {
  const blobs = memoryBlobs()
  await documents(blobs, Counter, 'here').create('a', { count: 1 })
  expect(await documents(blobs, Counter, 'there').get('a')).toBeUndefined()
})

test('refuses to read what is not of its schema', async () => {
  const blobs = memoryBlobs()
  await blobs.put('counters/a', '{"count":"one"}')
  await expect(documents(blobs, Counter, 'counters').get('a')).rejects.toThrow('count')
})
