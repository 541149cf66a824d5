import { setTimeout as sleep } from 'node:timers/promises'
import { AtlasError, type BytesSource, byteStream, bytes, contract, endpoint } from '@atlas/contract'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Logger, servlet } from '../index.ts'
import { open } from '../testing/index.ts'
import { currentCall } from './call-scope.ts'

const content = contract('content', {
  put: endpoint({
    route: 'PUT /content/{path*}',
    access: 'user',
    input: z.object({ path: z.string() }),
    body: bytes({ types: ['text/plain', 'image/*'], maxBytes: 10 }),
    output: z.object({ read: z.string(), contentType: z.string() }),
  }),
  get: endpoint({ route: 'GET /content', output: bytes({ types: ['text/plain'], maxBytes: 10 }) }),
  echo: endpoint({ route: 'POST /echo', body: bytes(), output: bytes() }),
})

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()
const letters = (value: string) => new TextEncoder().encode(value)

async function* each(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield letters(part)
}

function opened(
  get: (ctx: { readonly signal: AbortSignal }) => BytesSource | Promise<BytesSource>,
  log?: Logger,
) {
  const implementation = servlet(content, {
    put: async ({ path, body }) => ({
      read: path === 'unread' ? '' : await text(body),
      contentType: body.contentType,
    }),
    get: async (_input, ctx) => get(ctx),
    echo: async ({ body }) => body,
  })
  return open(implementation, { user: 'ada', ...(log ? { log } : {}) })
}
const plain = opened(() => 'x')

/** A source that says what became of it. */
function watched(...parts: string[]) {
  const cancelled = vi.fn<(reason?: unknown) => void>()
  const left = parts.map(letters)
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift()
      if (next) controller.enqueue(next)
      else controller.close()
    },
    cancel: cancelled,
  })
  return { stream, cancelled }
}

describe('the body of a request', () => {
  test('reaches the handler with its type, or the first that the contract names', async () => {
    const png = byteStream(letters('png'), { contentType: 'image/png' })
    expect(await plain.put({ path: 'a', body: png })).toEqual({ read: 'png', contentType: 'image/png' })
    expect(await plain.put({ path: 'a', body: letters('raw') })).toEqual({
      read: 'raw',
      contentType: 'text/plain',
    })
    expect(await plain.put({ path: 'a', body: each('a', 'b') })).toEqual({
      read: 'ab',
      contentType: 'text/plain',
    })
  })

  test('of another type is refused', async () => {
    const body = byteStream(letters('x'), { contentType: 'video/mp4' })
    await expect(plain.put({ path: 'a', body })).rejects.toMatchObject({
      code: 'invalid_argument',
      httpStatus: 415,
      message: 'the body is video/mp4, this takes text/plain, image/*',
    })
  })

  test('that is missing is refused', async () => {
    await expect(plain.put({ path: 'a' } as never)).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  test('may be as large as the contract allows, and no larger', async () => {
    const tooLarge = { code: 'resource_exhausted', httpStatus: 413 }
    expect(await plain.put({ path: 'a', body: each('12345', '67890') })).toMatchObject({ read: '1234567890' })
    await expect(plain.put({ path: 'a', body: letters('12345678901') })).rejects.toMatchObject(tooLarge)
    const { stream, cancelled } = watched('12345', '678901', 'more')
    await expect(plain.put({ path: 'a', body: stream })).rejects.toMatchObject(tooLarge)
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test.for<[string, Parameters<typeof plain.put>[0]['path'], object]>([
    ['the handler leaves', 'unread', {}],
    ['a path refuses', '../a', {}],
    ['a deadline refuses', 'a', { timeoutMs: 0 }],
  ])('that %s is cancelled', async ([, path, options]) => {
    const { stream, cancelled } = watched('abc')
    await plain.put({ path, body: stream }, options).catch(() => {})
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('that fails, fails the handler that reads it', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('disk')) })
    await expect(plain.put({ path: 'a', body })).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('an answer of bytes', () => {
  test('has a type and a size where they are known', async () => {
    const answer = await opened(() => letters('abc')).get()
    expect([answer.contentType, answer.sizeBytes]).toEqual(['text/plain', 3])
    expect(await text(answer)).toBe('abc')
    const streamed = await opened(() => each('a', 'b')).get()
    expect([streamed.contentType, streamed.sizeBytes]).toEqual(['text/plain', undefined])
    expect(await text(streamed)).toBe('ab')
  })

  test('may be the body, on its way back', async () => {
    const { stream, cancelled } = watched('a', 'b')
    expect(await text(await plain.echo({ body: stream }))).toBe('ab')
    expect(cancelled).not.toHaveBeenCalled()
  })

  test('of a type that the contract does not have is a bug of the servlet', async () => {
    const { stream, cancelled } = watched('x')
    const answering = opened(() => byteStream(stream, { contentType: 'image/png' })).get()
    await expect(answering).rejects.toMatchObject({ code: 'internal', message: 'internal error' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('that is too large is a bug of the servlet, found at once or on the way', async () => {
    await expect(opened(() => letters('12345678901')).get()).rejects.toMatchObject({ code: 'internal' })
    const { stream, cancelled } = watched('12345', '678901', 'more', 'more')
    await expect(text(await opened(() => stream).get())).rejects.toMatchObject({ code: 'internal' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('that fails on the way says nothing of why, except to the log', async () => {
    const error = vi.fn<Logger['error']>()
    const log = { debug() {}, info() {}, warn() {}, error }
    const failing = async function* () {
      yield letters('a')
      throw new Error('password is hunter2')
    }
    const reason = await text(await opened(() => failing(), log).get()).catch((thrown: unknown) => thrown)
    expect(reason).toBeInstanceOf(AtlasError)
    expect(reason).toMatchObject({ code: 'internal', message: 'internal error' })
    expect(error).toHaveBeenCalledOnce()
  })

  test('that is left is cancelled', async () => {
    const { stream, cancelled } = watched('a', 'b')
    await (await opened(() => stream).get()).cancel('enough')
    expect(cancelled).toHaveBeenCalledExactlyOnceWith('enough')
  })

  test('is made in the scope of its call', async () => {
    const seen: unknown[] = []
    const making = async function* () {
      for (const part of ['a', 'b']) {
        seen.push(currentCall.getStore()?.user)
        yield letters(part)
        await sleep(1)
      }
      seen.push(currentCall.getStore()?.user)
    }
    expect(await text(await opened(making).get())).toBe('ab')
    expect(seen).toEqual(['ada', 'ada', 'ada'])
  })

  test('is ended by the deadline and by cancelling, even while nobody reads', async () => {
    const late = watched('a')
    const ends = await opened(() => late.stream).get({}, { timeoutMs: 20 })
    await vi.waitFor(() => expect(late.cancelled).toHaveBeenCalledOnce())
    await expect(text(ends)).rejects.toMatchObject({ code: 'deadline_exceeded' })

    const stop = new AbortController()
    const { stream, cancelled } = watched('a', 'b')
    const stopped = await opened(() => stream).get({}, { signal: stop.signal })
    stop.abort()
    await expect(text(stopped)).rejects.toMatchObject({ code: 'canceled' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('that comes when its caller has gone is cancelled', async () => {
    const { stream, cancelled } = watched('a')
    const slow = opened(async () => {
      await sleep(30)
      return stream
    })
    await expect(slow.get({}, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce())
  })
})
