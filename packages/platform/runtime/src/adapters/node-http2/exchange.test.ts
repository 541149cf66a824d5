import { constants } from 'node:http2'
import { setTimeout as wait } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerOf, Http2Client } from '../../fixtures/http2-client.ts'
import { flags, frame, get, greeting, requestHeaders, types } from '../../fixtures/http2-frames.ts'
import { RawHttp2 } from '../../fixtures/http2-raw.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Limits } from '../../limits.ts'
import type { RequestLog } from '../../request-log.ts'
import type { Server } from '../../serve.ts'

let probe: Probe
let server: Server
let client: Http2Client
let log: RequestLog[]

async function serve(limits: Partial<Limits> = {}): Promise<void> {
  client?.close()
  await server?.close({ graceMs: 0 })
  server = await serveOne(probeServlet(probe), {
    limits,
    onRequest: (entry) => {
      log.push(entry)
    },
    authenticate: async () => {
      throw new AtlasError('unauthenticated', 'nobody is known here')
    },
  })
  client = await Http2Client.connect(server.url)
}

beforeEach(async () => {
  probe = new Probe()
  log = []
  await serve()
})
afterEach(async () => {
  client.close()
  await server.close({ graceMs: 0 })
})

const json = { 'content-type': 'application/json' }
const binary = { 'content-type': 'application/octet-stream' }
const { NGHTTP2_CANCEL: cancelled, NGHTTP2_INTERNAL_ERROR: internalError } = constants

describe('a request over HTTP/2', () => {
  it('is answered', async () => {
    const { status, headers, body } = await client.ask('GET', '/hello')
    expect([status, body]).toEqual([200, '{"hello":"world"}'])
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '17',
      'x-content-type-options': 'nosniff',
      date: expect.any(String),
    })
    expect(log).toMatchObject([{ path: '/hello', status: 200, bytesOut: 17, error: undefined }])
  })

  it('with a body is answered', async () => {
    expect((await client.ask('POST', '/json', json, '{"text":"x"}')).body).toBe('{"text":"x"}')
    expect(log).toMatchObject([{ status: 200, bytesIn: 12, bytesOut: 12 }])
  })

  it('with a query is answered', async () => {
    expect((await client.ask('GET', '/items?count=1')).body).toBe('{"n":1}\n')
  })

  it('shares its connection with others, which overtake it', async () => {
    const slow = client.ask('GET', '/hold')
    await expect.poll(() => probe.waiting).toBe(1)
    expect((await client.ask('GET', '/hello')).status).toBe(200)
    probe.release()
    expect((await slow).status).toBe(200)
  })

  it('by HEAD has headers and no body', async () => {
    const { status, headers, body } = await client.ask('HEAD', '/hello')
    expect([status, headers['content-length'], body]).toEqual([200, '17', ''])
    const download = await client.ask('HEAD', '/download?sizeBytes=100000&saidBytes=100000')
    expect([download.headers['content-length'], download.body]).toEqual(['100000', ''])
    expect(probe.events).toEqual(['cancelled'])
  })

  it('by CONNECT, which has no path, is refused', async () => {
    const stream = client.session.request({ ':method': 'CONNECT', ':authority': 'example.com:80' })
    stream.on('error', () => {})
    stream.end()
    expect((await answerOf(stream)).status).toBe(404)
  })

  it.each([
    ['a path that is not served', 'GET', '/nowhere', 404],
    ['a method that is not served', 'DELETE', '/hello', 405],
    ['a star', 'OPTIONS', '*', 404],
    ['broken percent-encoding', 'GET', '/%zz', 400],
    ['nobody signed in', 'PUT', '/signed-in', 401],
  ])('with %s is an error', async (_name, method, path, status) => {
    expect((await client.ask(method, path)).status).toBe(status)
  })

  it('whose headers are too large is reset, and the connection stays', async () => {
    expect(await client.ask('GET', '/hello', { cookie: 'x'.repeat(20_000) })).toMatchObject({
      status: undefined,
      reset: 11,
    })
    expect((await client.ask('GET', '/hello')).status).toBe(200)
  })

  it('with many small headers is answered', async () => {
    const headers = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`x-${n}`, '']))
    expect((await client.ask('GET', '/hello', headers)).status).toBe(200)
  })

  it('has a deadline', async () => {
    const { status, body } = await client.ask('GET', '/hold', { 'connect-timeout-ms': '50' })
    expect([status, JSON.parse(body).code]).toEqual([504, 'deadline_exceeded'])
    expect(probe.events).toEqual(['aborted: deadline_exceeded'])
  })
})

describe('expect: 100-continue over HTTP/2', () => {
  const expecting = { ...binary, expect: '100-continue', 'content-length': '5' }

  it('is answered when the body is wanted', async () => {
    const stream = client.open('PUT', '/upload', expecting, true)
    const answer = answerOf(stream)
    const status = await new Promise((resolve) => stream.once('headers', (head) => resolve(head[':status'])))
    expect(status).toBe(100)
    stream.end('hello')
    expect(await answer).toMatchObject({ status: 200, body: '{"sizeBytes":5}' })
  })

  it('is not answered where the body is not wanted', async () => {
    const stream = client.open('PUT', '/signed-in', expecting, true)
    let informed = 0
    stream.on('headers', () => informed++)
    expect(await answerOf(stream)).toMatchObject({ status: 401, reset: 0 })
    expect(informed).toBe(0)
  })

  it('is the only expectation that is known', async () => {
    expect((await client.ask('GET', '/hello', { expect: 'miracles' })).status).toBe(417)
  })
})

describe('a JSON body over HTTP/2', () => {
  const text = 'x'.repeat(300_000)

  it('in pieces is read whole', async () => {
    const stream = client.open('POST', '/json', json, true)
    const answer = answerOf(stream)
    stream.write('{"text":')
    await wait(50)
    stream.end(`"${text}"}`)
    expect(await answer).toMatchObject({ status: 200, body: `{"text":"${text}"}`, reset: 0 })
    expect(log).toMatchObject([{ status: 200, bytesIn: text.length + 11 }])
  })

  it('above its size is refused, announced or not, and the rest not waited for', async () => {
    await serve({ jsonBodyBytes: 1000 })
    const announced = { ...json, 'content-length': String(text.length) }
    expect((await client.ask('POST', '/json', announced, text)).status).toBe(413)
    const stream = client.open('POST', '/json', json, true)
    const answer = answerOf(stream)
    stream.write(text)
    expect((await answer).status).toBe(413)
    expect((await client.ask('POST', '/json', json, '{"text":"x"}')).status).toBe(200)
  })

  it.each([
    ['as cancelled', constants.NGHTTP2_CANCEL],
    ['as no error', constants.NGHTTP2_NO_ERROR],
    ['as refused', constants.NGHTTP2_REFUSED_STREAM],
  ])('that its client takes back %s leaves nothing behind', async (_name, code) => {
    const raw = await RawHttp2.connect(server.port)
    const reset = Buffer.alloc(4)
    reset.writeUInt32BE(code)
    const head = requestHeaders('POST', '/json', [['content-type', 'application/json']])
    await raw.send(
      greeting,
      frame(types.headers, flags.endHeaders, 1, head),
      frame(types.data, 0, 1, Buffer.from('{"te')),
    )
    await wait(50)
    await raw.send(frame(types.reset, 0, 1, reset), get(3, '/hello'))
    await expect.poll(() => raw.of('data').at(-1)?.stream).toBe(3)
    await expect
      .poll(() => log)
      .toMatchObject([
        { path: '/json', status: 499, error: { code: 'canceled' } },
        { path: '/hello', status: 200 },
      ])
    // A stream that was left open would hold the connection for as long as is allowed.
    client.close()
    await server.close({ graceMs: 60_000 })
    expect(raw.goaway).toBe(constants.NGHTTP2_NO_ERROR)
    raw.close()
  })
})

describe('an upload over HTTP/2', () => {
  it('of any size goes through', async () => {
    expect((await client.ask('PUT', '/upload', binary, Buffer.alloc(9_000_000))).body).toBe(
      '{"sizeBytes":9000000}',
    )
  })

  it.each(['none', 'some'])(
    'of which the handler reads %s is answered, and the rest not waited for',
    async (read) => {
      const stream = client.open('PUT', `/upload?read=${read}`, binary, true)
      const answer = answerOf(stream)
      stream.write(Buffer.alloc(100_000))
      expect(await answer).toMatchObject({ status: 200, reset: 0 })
      expect((await client.ask('GET', '/hello')).status).toBe(200)
    },
  )

  it('above its size is refused, and the rest not waited for', async () => {
    const stream = client.open('PUT', '/upload', binary, true)
    const answer = answerOf(stream)
    for (let n = 0; n < 110; n++) stream.write(Buffer.alloc(100_000))
    expect((await answer).status).toBe(413)
    expect((await client.ask('GET', '/hello')).status).toBe(200)
  })

  it('that its client takes back is an error for the handler', async () => {
    const stream = client.open('PUT', '/upload', binary, true)
    stream.write('some')
    await wait(50)
    // Not `close`, by which Node would end the upload in order first.
    stream.destroy(new Error('enough'))
    await expect.poll(() => probe.events).toEqual(['broken: canceled'])
    await expect.poll(() => log).toMatchObject([{ status: 499, error: { code: 'canceled' } }])
  })

  it('that its client ends before all of it came is an error too', async () => {
    const stream = client.open('PUT', '/upload', { ...binary, 'content-length': '8' }, true)
    stream.write('some')
    await wait(50)
    stream.close(0)
    await expect.poll(() => probe.events).toEqual(['broken: canceled'])
  })

  it('waits for its handler', async () => {
    const stream = client.open('POST', '/hold', binary, true)
    let taken = 0
    const chunk = Buffer.alloc(65_536)
    for (let n = 0; n < 100; n++) stream.write(chunk, () => taken++)
    await wait(300)
    expect(taken).toBeLessThan(20)
    stream.close(cancelled)
  })

  it.each([
    ['in a JSON body', { jsonBodyTimeoutMs: 100 }, '/json', json],
    ['in an upload', { stallTimeoutMs: 100 }, '/upload', binary],
  ])('that does not move %s is answered 408', async (_name, limits, path, headers) => {
    await serve(limits)
    const stream = client.open(path === '/json' ? 'POST' : 'PUT', path, headers, true)
    stream.write('{')
    expect((await answerOf(stream)).status).toBe(408)
    expect((await client.ask('GET', '/hello')).status).toBe(200)
  })
})

describe('an answer over HTTP/2', () => {
  it('of any size goes through, no faster than it is taken', async () => {
    const stream = client.open('GET', '/download?sizeBytes=50000000')
    await new Promise((resolve) => stream.once('response', resolve))
    await wait(200)
    let sizeBytes = 0
    for await (const chunk of stream) sizeBytes += chunk.length
    expect(sizeBytes).toBe(50_000_000)
  })

  it.each([
    ['fewer', 100_000, 200_000],
    ['more', 200_000, 100_000],
  ])('with %s bytes than announced is reset', async (_name, sizeBytes, saidBytes) => {
    expect(await client.ask('GET', `/download?sizeBytes=${sizeBytes}&saidBytes=${saidBytes}`)).toMatchObject({
      status: 200,
      reset: internalError,
    })
    expect(log).toMatchObject([{ error: { code: 'internal' } }])
  })

  it('with a header that no header can be is an internal error', async () => {
    const { status, body } = await client.ask(
      'GET',
      '/download?sizeBytes=200000&type=text%2Fhtml%0D%0Aset-cookie%3A%20a%3Db',
    )
    expect([status, body]).toEqual([500, '{"code":"internal","message":"internal error"}'])
    for (const type of ['a%00set-cookie%00b', '%00', '%E2%82%AC', '%7F'])
      expect((await client.ask('GET', `/download?sizeBytes=1&type=${type}`)).status).toBe(500)
  })

  it('that nobody takes is cut off, and what made it is let go', async () => {
    await serve({ stallTimeoutMs: 200 })
    const stream = client.open('GET', '/download?sizeBytes=200000000')
    await new Promise((resolve) => stream.once('response', resolve))
    await expect.poll(() => probe.events, { timeout: 5000 }).toEqual(['cancelled'])
    await expect.poll(() => log).toMatchObject([{ status: 200, error: { code: 'canceled' } }])
    expect((await client.ask('GET', '/hello')).status).toBe(200)
  })

  it('that is a stream shows that it lives', async () => {
    await serve({ heartbeatMs: 50 })
    const stream = client.open('GET', '/items?waitAt=1', { accept: 'text/event-stream' })
    const answer = answerOf(stream)
    await new Promise((resolve) => stream.once('response', resolve))
    await wait(300)
    probe.release()
    expect((await answer).body).toMatch(/^(:\n\n){3,}data: \{"n":1\}[\s\S]*event: end/)
  })

  it('that fails says so at its end', async () => {
    expect((await client.ask('GET', '/items?failAt=2')).body).toBe(
      '{"n":1}\n{"$error":{"code":"unavailable","message":"stuck","kind":"stuck","data":{"at":2}}}\n',
    )
  })
})

describe('a client of HTTP/2 that goes away', () => {
  it.each([
    ['takes its stream back', (stream: { close(code: number): void }) => stream.close(cancelled)],
    ['resets its stream', (stream: { close(code: number): void }) => stream.close(2)],
    ['closes its connection', () => client.session.destroy()],
    ['loses its connection', () => client.session.socket.destroy()],
  ])('and %s aborts the signal of its handler', async (_name, leave) => {
    const stream = client.open('GET', '/hold')
    await expect.poll(() => probe.waiting).toBe(1)
    leave(stream)
    await expect.poll(() => probe.events).toEqual(['aborted: canceled'])
    await expect.poll(() => log).toMatchObject([{ path: '/hold', status: 499 }])
  })

  it('ends its stream, also while it waits for an item', async () => {
    const running = client.open('GET', '/items?count=1000000000')
    await new Promise((resolve) => running.once('data', resolve))
    running.close(cancelled)
    await expect.poll(() => probe.events).toEqual(['returned'])
    const waiting = client.open('GET', '/items?waitAt=2')
    await new Promise((resolve) => waiting.once('data', resolve))
    waiting.close(cancelled)
    await expect.poll(() => probe.events).toEqual(['returned', 'aborted: canceled', 'returned'])
  })

  it('lets go of its download', async () => {
    const stream = client.open('GET', '/download?sizeBytes=100000000')
    await new Promise((resolve) => stream.once('data', resolve))
    stream.close(cancelled)
    await expect.poll(() => probe.events).toEqual(['cancelled'])
  })

  it('before its handler answers leaves nothing behind', async () => {
    const stream = client.open('GET', '/hold?heed=false')
    await expect.poll(() => probe.waiting).toBe(1)
    stream.close(cancelled)
    await expect.poll(() => log).toHaveLength(1)
    probe.release()
    expect((await client.ask('GET', '/hello')).status).toBe(200)
    expect(log).toHaveLength(2)
  })
})
