import { setTimeout as sleep } from 'node:timers/promises'
import { AtlasError, type BytesSource, byteStream } from '@atlas/contract'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClient } from '../create-client.ts'
import { json, serveOnce } from '../fixtures/echo-server.ts'
import { notes } from '../fixtures/notes.ts'
import { type HttpTransportOptions, httpTransport } from './http-transport.ts'

const note = { id: 'a', text: 'hello' }

async function serve(answer: Parameters<typeof serveOnce>[0], options: Partial<HttpTransportOptions> = {}) {
  const { baseUrl, received, closed } = await serveOnce(answer)
  return { client: createClient(notes, httpTransport({ baseUrl, ...options })), baseUrl, received, closed }
}

async function failure(promise: Promise<unknown>): Promise<AtlasError> {
  const reason = await promise.then(
    () => expect.fail('it did not fail'),
    (thrown: unknown) => thrown,
  )
  expect(reason).toBeInstanceOf(AtlasError)
  return reason as AtlasError
}

async function* halves(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([195])
  yield new Uint8Array([188])
}

async function collect(items: AsyncIterable<unknown>): Promise<{ items: unknown[]; error?: unknown }> {
  const collected: unknown[] = []
  try {
    for await (const item of items) collected.push(item)
    return { items: collected }
  } catch (error) {
    return { items: collected, error }
  }
}

describe('a request', () => {
  test('of GET has its fields in path and query', async () => {
    const { client, received } = await serve((response) => json(response, note))
    await client.get({ id: 'ä/b c', limit: 3, exact: true, tags: ['x&y', ''] })
    expect(received[0]).toMatchObject({ method: 'GET', body: '' })
    const url = new URL(received[0]!.url, 'http://localhost')
    expect(url.pathname).toBe('/notes/%C3%A4%2Fb%20c')
    expect([...url.searchParams]).toEqual([
      ['limit', '3'],
      ['exact', 'true'],
      ['tags', 'x&y'],
      ['tags', ''],
    ])
  })

  test('of PUT has the rest of its fields as JSON', async () => {
    const { client, received } = await serve((response) => json(response, note))
    await client.set({ id: 'a', text: 'ä', meta: { n: 1.5 } })
    expect(received[0]).toMatchObject({
      method: 'PUT',
      url: '/notes/a',
      body: '{"text":"ä","meta":{"n":1.5}}',
    })
    expect(received[0]?.headers['content-type']).toBe('application/json')
  })

  test('any path and query arrive as they were given', async () => {
    const { client, received } = await serve((response) => json(response, note))
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !['.', '..'].includes(value))
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.string({ unit: 'grapheme' })), async (id, tags) => {
        await client.get({ id, tags })
        const url = new URL(received.at(-1)!.url, 'http://localhost')
        expect(decodeURIComponent(url.pathname)).toBe(`/notes/${id}`)
        expect(url.searchParams.getAll('tags')).toEqual(tags)
      }),
      { numRuns: 60 },
    )
  })

  test('takes the rest of a path in segments', async () => {
    const { client, received } = await serve((response) => response.end('x'))
    await (await client.read({ path: 'a b/ü/c%2F?' })).cancel()
    expect(received[0]?.url).toBe('/raw/a%20b/%C3%BC/c%252F%3F')
  })

  test('carries the headers given, asked for before each call, and how long the caller waits', async () => {
    const { baseUrl, received } = await serve((response) => json(response, note))
    let calls = 0
    const headers = async () => ({ authorization: `Bearer ${++calls}` })
    const client = createClient(notes, httpTransport({ baseUrl: `${baseUrl}//`, headers }))
    await client.get({ id: 'a' })
    await client.get({ id: 'a' }, { timeoutMs: 5000.2 })
    await client.get({ id: 'a' }, { timeoutMs: Number.POSITIVE_INFINITY })
    const sent = received.map(({ url, headers }) => [
      url,
      headers.authorization,
      headers['connect-timeout-ms'],
    ])
    expect(sent).toEqual([
      ['/notes/a', 'Bearer 1', undefined],
      ['/notes/a', 'Bearer 2', '5001'],
      ['/notes/a', 'Bearer 3', undefined],
    ])
  })

  test.for<[string, () => BytesSource, string, string | undefined]>([
    ['a string', () => 'ü', 'text/plain; charset=utf-8', '2'],
    ['an array', () => new Uint8Array([195, 188]), 'text/markdown', '2'],
    ['a blob', () => new Blob(['ü'], { type: 'text/x-note' }), 'text/x-note', '2'],
    ['a stream', () => new Blob(['ü']).stream(), 'text/markdown', undefined],
    [
      'a stream of known size',
      () => byteStream(new Blob(['ü']).stream(), { sizeBytes: 2 }),
      'text/markdown',
      '2',
    ],
    ['an iterable', () => halves(), 'text/markdown', undefined],
  ])('of bytes sends %s', async ([, body, contentType, length]) => {
    const { client, received } = await serve((response, request) => json(response, { text: request.body }))
    expect(await client.write({ path: 'a/b', mode: 'new', body: body() })).toEqual({ text: 'ü' })
    expect(received[0]).toMatchObject({ method: 'PUT', url: '/raw/a/b?mode=new', body: 'ü' })
    expect(received[0]?.headers).toMatchObject({ 'content-type': contentType })
    expect(received[0]?.headers['content-length']).toBe(length)
  })

  test.for<[string, object, string]>([
    ['an empty field of the path', { id: '' }, 'id: must not be empty: it is part of the path'],
    ['a field of the path that is missing', {}, 'id: is missing: it is part of the path'],
    ['dots', { id: '..' }, `id: must not be or contain the path segment '.' or '..'`],
    ['half a character', { id: '\ud800' }, 'id: must be well-formed Unicode: it is part of the path'],
  ])('is not sent with %s', async ([, input, message]) => {
    const send = vi.fn()
    const client = createClient(notes, httpTransport({ baseUrl: 'http://localhost', fetch: send }))
    const error = await failure(client.get(input as never))
    expect([error.code, error.message]).toEqual(['invalid_argument', message])
    expect(send).not.toHaveBeenCalled()
  })

  test('is not sent with what JSON cannot hold', async () => {
    const send = vi.fn()
    const client = createClient(notes, httpTransport({ baseUrl: 'http://localhost', fetch: send }))
    const error = await failure(client.set({ id: 'a', text: 1n as never }))
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('BigInt') })
    expect(send).not.toHaveBeenCalled()
  })
})

describe('an answer', () => {
  test('is parsed: defaults are filled in, unknown fields dropped', async () => {
    const { client } = await serve((response) => json(response, { ...note, more: 1 }))
    expect(await client.get({ id: 'a' })).toEqual(note)
    expect(await client.get.result({ id: 'a' })).toEqual({ ok: true, value: note })
  })

  test('without content is the empty one', async () => {
    const { client } = await serve((response) => response.writeHead(204).end())
    expect(await client.clear()).toEqual({})
  })

  test.for<[string, string]>([
    ['<html>a portal</html>', 'the answer of notes.get is not what its contract says: it is not JSON'],
    ['', 'the answer of notes.get is not what its contract says: it is not JSON'],
    ['{"id":"a"', 'the answer of notes.get is not what its contract says: it is not JSON'],
    ['{"id":"a"}', 'the answer of notes.get is not what its contract says: text: Invalid input'],
    ['null', 'the answer of notes.get is not what its contract says: Invalid input'],
  ])('of %j is internal', async ([body, message]) => {
    const { client } = await serve((response) => response.end(body))
    const error = await failure(client.get({ id: 'a' }))
    expect([error.code, error.message]).toEqual(['internal', expect.stringContaining(message)])
  })

  test('that breaks off is unavailable', async () => {
    const { client } = await serve((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"id":')
      setImmediate(() => response.destroy())
    })
    expect(await failure(client.get({ id: 'a' }))).toMatchObject({ code: 'unavailable' })
  })
})

describe('an error', () => {
  test('of a known kind has its data parsed', async () => {
    const { client } = await serve((response) =>
      json(
        response,
        { code: 'not_found', message: 'm', kind: 'gone', data: { since: 'noon', more: 1 } },
        404,
      ),
    )
    const result = await client.get.result({ id: 'a' })
    expect(result).toMatchObject({ ok: false, error: { kind: 'gone', code: 'not_found', httpStatus: 404 } })
    expect(!result.ok && result.error.data).toEqual({ since: 'noon', by: 'nobody' })
  })

  test.for<[string, object]>([
    ['an unknown kind', { kind: 'moved', data: { to: 'b' } }],
    ['data it should not have', { kind: 'gone', data: { since: 7 } }],
    ['a kind that every object has', { kind: 'constructor' }],
    ['no kind', { data: { issues: [] } }],
  ])('with %s arrives as its code, and is thrown', async ([, more]) => {
    const { client } = await serve((response) =>
      json(response, { code: 'not_found', message: 'm', ...more }, 404),
    )
    const error = await failure(client.get.result({ id: 'a' }))
    expect(error).toMatchObject({ code: 'not_found', message: 'm', kind: undefined })
  })

  test.for<[number, string, string]>([
    [502, '<html>Bad Gateway</html>', 'unavailable'],
    [503, '', 'unavailable'],
    [504, 'upstream request timeout', 'unavailable'],
    [404, '{"error":"Not Found"}', 'unimplemented'],
    [401, '[]', 'unauthenticated'],
    [403, 'null', 'permission_denied'],
    [429, '"slow down"', 'unavailable'],
    [500, '{"code":"teapot","message":"m"}', 'unknown'],
    [418, '{"code":"not_found"}', 'unknown'],
  ])('page %i %j of a proxy is %s', async ([status, body, code]) => {
    const { client } = await serve((response) => response.writeHead(status).end(body))
    expect(await failure(client.get({ id: 'a' }))).toMatchObject({
      code,
      httpStatus: status,
      message: `notes.get answered HTTP ${status} without an error document`,
    })
  })

  test('of nobody listening is unavailable', async () => {
    const client = createClient(notes, httpTransport({ baseUrl: 'http://127.0.0.1:1' }))
    const error = await failure(client.get({ id: 'a' }))
    expect(error).toMatchObject({ code: 'unavailable', cause: expect.any(Error) })
  })
})

describe('bytes', () => {
  test('arrive with type and size', async () => {
    const { client } = await serve((response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': '3' }).end('png')
    })
    const answer = await client.read({ path: 'a' })
    expect([answer.contentType, answer.sizeBytes]).toEqual(['image/png', 3])
    expect(await new Response(answer).text()).toBe('png')
  })

  test('that were compressed have no known size', async () => {
    const { gzipSync } = await import('node:zlib')
    const packed = gzipSync('hello')
    const { client } = await serve((response) => {
      response
        .writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(packed.byteLength) })
        .end(packed)
    })
    const answer = await client.read({ path: 'a' })
    expect(answer.sizeBytes).toBeUndefined()
    expect(await new Response(answer).text()).toBe('hello')
  })

  test('that break off are unavailable', async () => {
    const { client } = await serve((response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half')
      setTimeout(() => response.destroy(), 5)
    })
    const answer = await client.read({ path: 'a' })
    expect(await failure(new Response(answer).text())).toMatchObject({ code: 'unavailable' })
  })

  test.for(['read', 'unread'])('that are too slow are ended by the deadline, being %s', async (how) => {
    const { client, closed } = await serve((response) => void response.writeHead(200).write('half'))
    const answer = await client.read({ path: 'a' }, { timeoutMs: 50 })
    if (how === 'unread') await closed
    expect(await failure(new Response(answer).text())).toMatchObject({ code: 'deadline_exceeded' })
    await closed
  })

  test('are ended by their signal, and by a reader that leaves', async () => {
    const stop = new AbortController()
    const first = await serve((response) => void response.writeHead(200).write('half'))
    const stopped = await first.client.read({ path: 'a' }, { signal: stop.signal })
    stop.abort()
    expect(await failure(new Response(stopped).text())).toMatchObject({ code: 'canceled' })
    await first.closed

    const second = await serve((response) => void response.writeHead(200).write('half'))
    const left = await second.client.read({ path: 'a' })
    await left.cancel()
    await second.closed
  })
})

describe('a stream', () => {
  const line = (text: string) => `${JSON.stringify({ id: 'a', text })}\n`

  test('is read line by line, and empty lines keep it alive', async () => {
    const { client, received } = await serve(async (response) => {
      response.write(`${line('1')}\n\r\n${line('2').slice(0, 5)}`)
      await sleep(5)
      response.end(`${line('2').slice(5)}${line('3').trimEnd()}`)
    })
    expect((await collect(client.watch())).items).toMatchObject([{ text: '1' }, { text: '2' }, { text: '3' }])
    expect(received[0]?.headers.accept).toBe('application/x-ndjson')
  })

  test.for<[string, string, object]>([
    [
      'a typed error',
      '{"$error":{"code":"not_found","message":"m","kind":"gone","data":{"since":"noon"}}}\n',
      { code: 'not_found', kind: 'gone', data: { since: 'noon' } },
    ],
    ['an error that cannot be read', '{"$error":{"code":"teapot"}}\n', { code: 'unknown' }],
    ['a wrong item', '{"id":"a"}\n', { code: 'internal' }],
    ['half an item', '{"id":"a","te', { code: 'internal' }],
  ])('may end with %s', async ([, end, expected]) => {
    const { client } = await serve((response) => response.end(line('1') + end))
    const { items, error } = await collect(client.watch())
    expect(items).toHaveLength(1)
    expect(error).toBeInstanceOf(AtlasError)
    expect(error).toMatchObject(expected)
  })

  test('that is cut off is unavailable', async () => {
    const { client } = await serve((response) => {
      response.write(line('1'))
      setTimeout(() => response.destroy(), 5)
    })
    const { items, error } = await collect(client.watch())
    expect(items).toHaveLength(1)
    expect(error).toMatchObject({ code: 'unavailable' })
  })

  test('that does not begin throws what the answer says; one without a body is empty', async () => {
    const refusing = await serve((response) => json(response, { code: 'unauthenticated', message: 'm' }, 401))
    expect((await collect(refusing.client.watch())).error).toMatchObject({ code: 'unauthenticated' })
    const empty = await serve((response) => response.writeHead(204).end())
    expect(await collect(empty.client.watch())).toEqual({ items: [] })
  })

  test('is left with its loop', async () => {
    const { client, closed } = await serve((response) => void response.write(line('1') + line('2')))
    for await (const _ of client.watch()) break
    await closed
  })

  test('is left while an item is awaited', async () => {
    const { client, closed } = await serve((response) => void response.write(line('1')))
    const iterator = client.watch()[Symbol.asyncIterator]()
    await iterator.next()
    const pending = iterator.next()
    await iterator.return?.()
    await expect(pending).rejects.toMatchObject({ code: 'canceled' })
    await closed
  })

  test('is ended by the deadline and by its signal', async () => {
    const first = await serve((response) => void response.write(line('1')))
    const late = await collect(first.client.watch({}, { timeoutMs: 50 }))
    expect(late.items).toHaveLength(1)
    expect(late.error).toMatchObject({ code: 'deadline_exceeded' })
    await first.closed

    const second = await serve((response) => void response.write(line('1')))
    const stop = new AbortController()
    const seen: unknown[] = []
    const stopped = (async () => {
      for await (const item of second.client.watch({}, { signal: stop.signal })) {
        seen.push(item)
        stop.abort()
      }
    })()
    await expect(stopped).rejects.toMatchObject({ code: 'canceled' })
    expect(seen).toHaveLength(1)
    await second.closed
  })
})

test('a call that is too slow ends at the deadline, one that is cancelled at once', async () => {
  const { client } = await serve(() => {})
  expect(await failure(client.get({ id: 'a' }, { timeoutMs: 20 }))).toMatchObject({
    code: 'deadline_exceeded',
  })
  const stop = new AbortController()
  const call = client.get({ id: 'a' }, { signal: stop.signal })
  setTimeout(() => stop.abort(), 5)
  expect(await failure(call)).toMatchObject({ code: 'canceled' })
})

test('without streams in requests, streams are collected before they are sent', async () => {
  vi.resetModules()
  const { baseUrl, received } = await serve((response, request) => json(response, { text: request.body }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const NativeRequest = globalThis.Request
  // As browsers do that know no streams in requests: they send what the stream looks like as text.
  vi.stubGlobal(
    'Request',
    class extends NativeRequest {
      constructor(url: string, init: RequestInit) {
        super(url, { method: 'POST', body: String(init.body) })
      }
    },
  )
  const fresh = await import('./http-transport.ts')
  const client = createClient(notes, fresh.httpTransport({ baseUrl }))
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('ü'))
      controller.close()
    },
  })
  expect(await client.write({ path: 'a', body })).toEqual({ text: 'ü' })
  expect(received[0]?.headers['content-length']).toBe('2')
})

test('the page of a busy proxy says when to come back', async () => {
  const { client } = await serve((response) => response.writeHead(503, { 'retry-after': '7' }).end('busy'))
  expect(await failure(client.get({ id: 'a' }))).toMatchObject({
    code: 'unavailable',
    data: { retryAfterMs: 7000 },
  })
})
