import { byteStream } from '@atlas/contract'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { watchBytes } from './watch-bytes.ts'

const chunksOf = (chunks: readonly Uint8Array[]) => byteStream(ReadableStream.from(chunks))

test('the bytes are the same, told of in passing, and the end once', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1 })), async (chunks) => {
      const passed: number[] = []
      const ended = vi.fn()
      const watched = watchBytes(chunksOf(chunks), { passed: (size) => passed.push(size), ended })
      const read = Buffer.from(await new Response(watched).arrayBuffer())
      expect(read.equals(Buffer.concat(chunks))).toBe(true)
      expect(passed).toEqual(chunks.map((chunk) => chunk.byteLength))
      expect(ended).toHaveBeenCalledOnce()
    }),
  ))

test('type and size stay; the source is locked by the first read', async () => {
  const source = byteStream(new Uint8Array(2), { contentType: 'image/png' })
  const watched = watchBytes(source, {})
  expect([watched.contentType, watched.sizeBytes, source.locked]).toEqual(['image/png', 2, false])
  const reader = watched.getReader()
  await reader.read()
  expect(source.locked).toBe(true)
})

function endless() {
  const cancelled = vi.fn()
  let pulls = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls++
        controller.enqueue(new Uint8Array(1))
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  )
  return { source: byteStream(stream), cancelled, pulls: () => pulls }
}

test('nothing is read ahead of the reader', async () => {
  const { source, pulls } = endless()
  const reader = watchBytes(source, {}).getReader()
  await reader.read()
  await new Promise((resolve) => setImmediate(resolve))
  expect(pulls()).toBe(1)
})

test('what passed() throws ends the stream and cancels the source', async () => {
  const { source, cancelled } = endless()
  const ended = vi.fn()
  const passed = () => {
    throw new Error('too much')
  }
  const failed = (reason: unknown) => new Error('shown', { cause: reason })
  const reader = watchBytes(source, { passed, failed, ended }).getReader()
  await expect(reader.read()).rejects.toThrow('shown')
  expect(cancelled).toHaveBeenCalledOnce()
  expect(ended).toHaveBeenCalledOnce()
})

test('the signal ends it while a read is pending', async () => {
  const stop = new AbortController()
  const cancelled = vi.fn()
  const source = byteStream(new ReadableStream<Uint8Array>({ cancel: cancelled }))
  const ended = vi.fn()
  const reader = watchBytes(source, { signal: stop.signal, ended }).getReader()
  const pending = reader.read()
  stop.abort(new Error('stopped'))
  await expect(pending).rejects.toThrow('stopped')
  expect(cancelled).toHaveBeenCalledOnce()
  expect(ended).toHaveBeenCalledOnce()
})

test('a signal that has aborted ends it at once', async () => {
  const { source, cancelled } = endless()
  const watched = watchBytes(source, { signal: AbortSignal.abort(new Error('stopped')) })
  await expect(watched.getReader().read()).rejects.toThrow('stopped')
  expect(cancelled).toHaveBeenCalledOnce()
})

test('a reader that leaves cancels the source, and then the signal matters no more', async () => {
  const stop = new AbortController()
  const { source, cancelled } = endless()
  const ended = vi.fn()
  await watchBytes(source, { signal: stop.signal, ended }).cancel('enough')
  stop.abort()
  expect(cancelled).toHaveBeenCalledExactlyOnceWith('enough')
  expect(ended).toHaveBeenCalledOnce()
})

test('nothing of it stays on the signal', async () => {
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  await new Response(watchBytes(chunksOf([new Uint8Array(1)]), { signal })).arrayBuffer()
  await watchBytes(endless().source, { signal }).cancel()
  const listeners = added.mock.calls.map(([, listener]) => listener)
  expect(listeners).toHaveLength(2)
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(listeners)
})
