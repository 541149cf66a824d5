import { AtlasError } from '@atlas/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonRequest, request } from '../../fixtures/http-request.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { once, RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Limits } from '../../limits.ts'
import type { RequestLog } from '../../request-log.ts'
import type { Server } from '../../serve.ts'

let probe: Probe
let server: Server
let log: RequestLog[]
const open: RawClient[] = []

async function serve(limits: Partial<Limits> = {}): Promise<void> {
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
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(server.port)
  open.push(client)
  return client
}

const hello = request('GET', '/hello')
const binary = { 'content-type': 'application/octet-stream' }

beforeEach(async () => {
  probe = new Probe()
  log = []
  await serve()
})
afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  await server.close({ graceMs: 0 })
})

describe('a connection', () => {
  it('is kept for the next request', async () => {
    const client = await connect()
    for (let n = 0; n < 3; n++) expect((await client.send(hello).answer()).status).toBe(200)
  })

  it('takes requests before the answers to those before, and answers in order', async () => {
    const client = await connect()
    client.send(request('GET', '/hold') + hello + jsonRequest('POST', '/json', '{"text":"x"}') + hello)
    await expect.poll(() => probe.waiting).toBe(1)
    probe.release()
    const bodies = []
    for (let n = 0; n < 4; n++) bodies.push((await client.answer()).body)
    expect(bodies).toEqual(['{}', '{"hello":"world"}', '{"text":"x"}', '{"hello":"world"}'])
  })

  it('of HTTP/1.0 is closed after the answer', async () => {
    const client = await connect()
    expect(await client.send('GET /hello HTTP/1.0\r\n\r\n').rest()).toMatch(/^HTTP\/1.1 200 [\s\S]*world"}$/)
  })

  it('is closed after what is not HTTP, with an answer', async () => {
    const client = await connect()
    const { status, headers, body } = await client.send('HELLO\r\n\r\n').answer()
    expect(status).toBe(400)
    expect(headers.get('connection')).toBe('close')
    expect(JSON.parse(body)).toEqual({
      code: 'invalid_argument',
      message: 'this is not a valid HTTP/1.1 request',
    })
    expect(await client.rest()).toBe('')
  })

  it('is closed after headers that are too large', async () => {
    const client = await connect()
    client.send(request('GET', '/hello', { cookie: 'x'.repeat(20_000) }))
    expect(await client.seen('\r\n')).toBe('HTTP/1.1 431 Request Header Fields Too Large\r\n')
    expect(await client.rest()).toContain('too large')
  })

  it('answers the request that is served before it is closed for what came after', async () => {
    const client = await connect()
    client.send(`${request('GET', '/hold')}JUNK\r\n\r\n`)
    await expect.poll(() => probe.waiting).toBe(1)
    probe.release()
    expect((await client.answer()).status).toBe(200)
    expect(await client.rest()).toBe('')
  })

  it.each([
    ['two lengths', 'content-length: 5\r\ncontent-length: 6\r\n', 'hello!'],
    ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'],
    ['an unknown transfer encoding', 'transfer-encoding: gzip\r\n', ''],
    ['a length that is no number', 'content-length: five\r\n', ''],
    ['a space before the colon', 'x-a : b\r\n', ''],
    ['a folded header', 'x-a: b\r\n c\r\n', ''],
    ['a bare line feed', 'x-a: b\nx-c: d\r\n', ''],
    ['a null byte', 'x-a: b\0c\r\n', ''],
  ])('is closed after %s, so that nobody sees a second request in it', async (_name, header, body) => {
    const client = await connect()
    client.send(
      `POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${header}\r\n${body}${hello}`,
    )
    expect((await client.answer()).status).toBe(400)
    expect(await client.rest()).toBe('')
  })

  it('is closed after broken chunks, with an answer', async () => {
    const client = await connect()
    client.send(
      request('POST', '/json', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
    )
    client.send('zz\r\n{}')
    expect((await client.answer()).status).toBe(400)
    expect(await client.rest()).toBe('')
  })
})

describe('Expect: 100-continue', () => {
  const expecting = { ...binary, expect: '100-continue', 'content-length': '5' }

  it('is answered when the body is wanted', async () => {
    const client = await connect()
    client.send(request('PUT', '/upload', expecting))
    expect((await client.answer()).status).toBe(100)
    expect(await client.send('hello').answer()).toMatchObject({ status: 200, body: '{"sizeBytes":5}' })
    expect((await client.send(hello).answer()).status).toBe(200)
  })

  it.each([
    ['a wrong type', '/upload', { 'content-type': 'text/html' }, 415],
    ['too many bytes', '/upload', { 'content-length': '10000001' }, 413],
    ['nobody signed in', '/signed-in', {}, 401],
    ['a path that is not served', '/nowhere', {}, 404],
  ])('is not answered for %s', async (_name, target, headers, status) => {
    const client = await connect()
    const answer = await client.send(request('PUT', target, { ...expecting, ...headers })).answer()
    expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close'])
    await client.rest()
  })

  it('is the only expectation that is known', async () => {
    expect((await once(server.port, request('GET', '/hello', { expect: 'miracles' }))).status).toBe(417)
  })
})

describe('an upload', () => {
  it.each(['none', 'some'])('of which the handler reads %s leaves the connection usable', async (read) => {
    const client = await connect()
    for (let n = 0; n < 3; n++) {
      client.send(request('PUT', `/upload?read=${read}`, binary, 'x'.repeat(30_000)))
      const { status, headers } = await client.answer()
      expect([status, headers.get('connection')]).toEqual([200, 'keep-alive'])
    }
    expect((await client.send(hello).answer()).status).toBe(200)
  })

  it.each(['none', 'some'])(
    'of which the handler reads %s and much is to come is answered at once, and closes the connection',
    async (read) => {
      const client = await connect()
      client.send(request('PUT', `/upload?read=${read}`, { ...binary, 'content-length': '9000000' }))
      client.send('x'.repeat(100_000))
      const { status, headers } = await client.answer()
      expect([status, headers.get('connection')]).toEqual([200, 'close'])
      await client.rest()
    },
  )

  it('larger than announced cannot be', async () => {
    const client = await connect()
    client.send(request('PUT', '/upload', { ...binary, 'content-length': '3' }, 'abcGET /'))
    expect((await client.answer()).body).toBe('{"sizeBytes":3}')
    expect((await client.send('hello HTTP/1.1\r\nhost: a\r\n\r\n').answer()).status).toBe(200)
  })

  it('that is cut off is an error for its handler', async () => {
    const client = await connect()
    client.send(request('PUT', '/upload', { ...binary, 'content-length': '1000' }, 'some'))
    await expect.poll(() => log.length + probe.events.length, { timeout: 100 }).toBe(0)
    client.close()
    await expect.poll(() => probe.events).toEqual(['broken: canceled'])
    await expect.poll(() => log).toMatchObject([{ status: 499, error: { code: 'canceled' } }])
  })

  it('that is answered and never ends does not keep its connection', async () => {
    await serve({ jsonBodyTimeoutMs: 100 })
    const client = await connect()
    client.send(request('PUT', '/upload?read=none', { ...binary, 'content-length': '9' }, 'x'))
    expect((await client.answer()).headers.get('connection')).toBe('keep-alive')
    expect(await client.rest()).toBe('')
  })

  it('may take longer than any limit while it moves', async () => {
    await serve({ stallTimeoutMs: 1000, jsonBodyTimeoutMs: 100, headersTimeoutMs: 100 })
    const client = await connect()
    client.send(request('PUT', '/upload', { ...binary, 'content-length': '30' }))
    for (let n = 0; n < 30; n++) {
      client.send('x')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await client.answer()).toMatchObject({ status: 200, body: '{"sizeBytes":30}' })
  })
})

describe('a client that does not move', () => {
  it.each([
    ['in its headers', { headersTimeoutMs: 100 }, 'GET /hello HTTP/1.1\r\nhost: '],
    ['before its headers', { headersTimeoutMs: 100 }, ''],
    [
      'in a JSON body',
      { jsonBodyTimeoutMs: 100 },
      request('POST', '/json', { 'content-type': 'application/json', 'content-length': '9' }, '{'),
    ],
    [
      'in an upload',
      { stallTimeoutMs: 100 },
      request('PUT', '/upload', { ...binary, 'content-length': '9' }, 'x'),
    ],
  ])('%s is answered 408', async (_name, limits, text) => {
    await serve(limits)
    const client = await connect()
    expect((await client.send(text).answer()).status).toBe(408)
    await client.rest()
  })

  it('cannot stretch a JSON body by sending little', async () => {
    await serve({ jsonBodyTimeoutMs: 200 })
    const client = await connect()
    client.send(request('POST', '/json', { 'content-type': 'application/json', 'content-length': '999' }))
    const trickle = setInterval(() => client.send(' '), 20)
    expect((await client.answer()).status).toBe(408)
    clearInterval(trickle)
  })

  it('and takes nothing is cut off, and what it did not take is let go', async () => {
    await serve({ stallTimeoutMs: 200 })
    const client = await connect()
    client.send(request('GET', '/download?sizeBytes=200000000'))
    await client.seen('200 OK')
    client.socket.pause()
    await expect.poll(() => probe.events, { timeout: 5000 }).toEqual(['cancelled'])
    await expect.poll(() => log).toMatchObject([{ status: 200, error: { code: 'canceled' } }])
  })

  it('because the handler does not read keeps its time', async () => {
    await serve({ stallTimeoutMs: 100, jsonBodyTimeoutMs: 100 })
    const client = await connect()
    client.send(request('GET', '/hold'))
    await new Promise((resolve) => setTimeout(resolve, 400))
    probe.release()
    expect((await client.answer()).status).toBe(200)
  })
})

describe('a client that goes away', () => {
  it('aborts the signal of its handler', async () => {
    const client = await connect()
    client.send(request('GET', '/hold'))
    await expect.poll(() => probe.waiting).toBe(1)
    client.close()
    await expect.poll(() => probe.events).toEqual(['aborted: canceled'])
    await expect.poll(() => log).toMatchObject([{ path: '/hold', status: 499 }])
  })

  it('aborts the signals of all handlers, also of those whose answers had to wait', async () => {
    const client = await connect()
    client.send(request('GET', '/hold').repeat(3))
    await expect.poll(() => probe.waiting).toBe(3)
    client.close()
    await expect.poll(() => probe.events).toEqual(Array(3).fill('aborted: canceled'))
    await expect.poll(() => log).toHaveLength(3)
  })

  it('ends its stream', async () => {
    const client = await connect()
    client.send(request('GET', '/items?count=1000000000'))
    await client.seen('{"n":100}')
    client.close()
    await expect.poll(() => probe.events).toEqual(['returned'])
  })

  it('ends its stream while it waits for an item', async () => {
    const client = await connect()
    client.send(request('GET', '/items?waitAt=2'))
    await client.seen('{"n":1}')
    client.close()
    await expect.poll(() => probe.events).toEqual(['aborted: canceled', 'returned'])
  })

  it('lets go of its download', async () => {
    const client = await connect()
    client.send(request('GET', '/download?sizeBytes=200000000'))
    await client.seen('200 OK')
    client.close()
    await expect.poll(() => probe.events).toEqual(['cancelled'])
  })
})

describe('a deadline', () => {
  const within = (ms: string, target = '/hold') => request('GET', target, { 'connect-timeout-ms': ms })

  it.each([true, false])('is kept, whether the handler heeds its signal: %s', async (heed) => {
    const client = await connect()
    expect(await client.send(within('50', `/hold?heed=${heed}`)).answer()).toMatchObject({
      status: 504,
      body: '{"code":"deadline_exceeded","message":"the deadline passed"}',
    })
    if (heed) expect(probe.events).toEqual(['aborted: deadline_exceeded'])
    probe.release()
    expect((await client.send(hello).answer()).status).toBe(200)
    expect(log).toMatchObject([{ status: 504 }, { status: 200 }])
  })

  it('is known to the handler', async () => {
    const client = await connect()
    const before = Date.now()
    client.send(within('5000'))
    await expect.poll(() => probe.waiting).toBe(1)
    probe.release()
    const { deadline } = JSON.parse((await client.answer()).body)
    expect(deadline).toBeGreaterThanOrEqual(before + 5000)
    expect(deadline).toBeLessThanOrEqual(Date.now() + 5000)
  })

  it('ends a stream inside of it', async () => {
    const client = await connect()
    const { status, body } = await client.send(within('100', '/items?waitAt=2')).answer()
    expect(status).toBe(200)
    expect(body).toBe('{"n":1}\n{"$error":{"code":"deadline_exceeded","message":"the deadline passed"}}\n')
    await expect.poll(() => probe.events).toEqual(['aborted: deadline_exceeded', 'returned'])
  })

  it('longer than timers can be is none that passes at once', async () => {
    const client = await connect()
    expect((await client.send(within('9999999999', '/hello')).answer()).status).toBe(200)
  })

  it.each(['', '-1', '1.5', 'soon', '99999999999'])('of %j is refused', async (ms) => {
    expect(await once(server.port, within(ms, '/hello'))).toMatchObject({
      status: 400,
      body: expect.stringContaining('connect-timeout-ms'),
    })
  })
})

describe('a download', () => {
  it('has the length that its handler said, or comes in chunks', async () => {
    const said = await once(server.port, request('GET', '/download?sizeBytes=100000&saidBytes=100000'))
    expect([said.headers.get('content-length'), said.body.length]).toEqual(['100000', 100_000])
    const unsaid = await once(server.port, request('GET', '/download?sizeBytes=100000'))
    expect([unsaid.headers.get('transfer-encoding'), unsaid.body.length]).toEqual(['chunked', 100_000])
  })

  it.each([
    ['fewer', 100_000, 200_000],
    ['more', 200_000, 100_000],
  ])(
    'with %s bytes than said breaks the connection, so that nobody takes it for whole',
    async (_name, sizeBytes, saidBytes) => {
      const client = await connect()
      client.send(request('GET', `/download?sizeBytes=${sizeBytes}&saidBytes=${saidBytes}`) + hello)
      const text = await client.rest()
      const body = text.slice(text.indexOf('\r\n\r\n') + 4)
      expect(body.length).toBeLessThan(saidBytes)
      expect(log[0]).toMatchObject({ error: { code: 'internal' } })
    },
  )

  it('of a type that no header can carry is an internal error', async () => {
    const { status, body } = await once(
      server.port,
      request('GET', '/download?sizeBytes=200000&type=text%2Fhtml%0D%0Aset-cookie%3A%20a%3Db'),
    )
    expect([status, body]).toEqual([500, '{"code":"internal","message":"internal error"}'])
    expect(probe.events).toEqual(['cancelled'])
  })

  it('asked for by HEAD has its length and no bytes', async () => {
    const client = await connect()
    const answer = await client
      .send(request('HEAD', '/download?sizeBytes=100000&saidBytes=100000'))
      .answer('HEAD')
    expect(answer.headers.get('content-length')).toBe('100000')
    expect((await client.send(hello).answer()).body).toBe('{"hello":"world"}')
    expect(probe.events).toEqual(['cancelled'])
  })
})

describe('a stream', () => {
  const sse = { accept: 'text/event-stream' }

  it('is a line an item', async () => {
    const { headers, body } = await once(server.port, request('GET', '/items'))
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    expect(body).toBe('{"n":1}\n{"n":2}\n')
  })

  it('is an event an item where events are asked for, and says that it is complete', async () => {
    const { headers, body } = await once(server.port, request('GET', '/items', sse))
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toBe('data: {"n":1}\n\ndata: {"n":2}\n\nevent: end\ndata: {}\n\n')
  })

  it('that fails before its first item has a status', async () => {
    for (const headers of [{}, sse]) {
      const answer = await once(server.port, request('GET', '/items?failAt=1', headers))
      expect(answer.status).toBe(503)
      expect(JSON.parse(answer.body)).toMatchObject({ kind: 'stuck', data: { at: 1 } })
    }
  })

  it('that fails later says so at its end', async () => {
    const document = '{"code":"unavailable","message":"stuck","kind":"stuck","data":{"at":2}}'
    expect((await once(server.port, request('GET', '/items?failAt=2'))).body).toBe(
      `{"n":1}\n{"$error":${document}}\n`,
    )
    expect((await once(server.port, request('GET', '/items?failAt=2', sse))).body).toBe(
      `data: {"n":1}\n\nevent: error\ndata: ${document}\n\n`,
    )
  })

  it('that is silent shows that it lives, before its first item too', async () => {
    await serve({ heartbeatMs: 50 })
    const client = await connect()
    client.send(request('GET', '/items?waitAt=1', sse))
    await client.seen('text/event-stream')
    for (let n = 0; n < 3; n++) await client.seen(':\n\n')
    probe.release()
    await client.seen('event: end')
  })

  it('of lines begins after a while, even without an item', async () => {
    await serve({ heartbeatMs: 50 })
    const client = await connect()
    client.send(request('GET', '/items?waitAt=1'))
    await client.seen('application/x-ndjson')
    probe.release()
    await client.seen('{"n":2}\n')
  })

  it('asked for by HEAD is not begun to be sent', async () => {
    const client = await connect()
    expect((await client.send(request('HEAD', '/items')).answer('HEAD')).status).toBe(200)
    expect((await client.send(hello).answer()).status).toBe(200)
    expect(probe.events).toEqual(['returned'])
  })

  it('waits for a client that reads slowly', async () => {
    const client = await connect()
    client.send(request('GET', '/items?count=2000000'))
    await client.seen('{"n":1}')
    client.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(probe.events).toEqual([])
    client.close()
    await expect.poll(() => probe.events).toEqual(['returned'])
  })
})
