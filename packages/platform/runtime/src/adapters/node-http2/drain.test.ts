import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerOf, Http2Client } from '../../fixtures/http2-client.ts'
import { flags, frame, get, greeting, requestHeaders, types } from '../../fixtures/http2-frames.ts'
import { RawHttp2 } from '../../fixtures/http2-raw.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { RequestLog } from '../../request-log.ts'
import type { Server } from '../../serve.ts'

const binary = { 'content-type': 'application/octet-stream' }

let probe: Probe
let server: Server
let client: Http2Client
let log: RequestLog[]
beforeEach(async () => {
  probe = new Probe()
  log = []
  server = await serveOne(probeServlet(probe), {
    onRequest: (entry) => {
      log.push(entry)
    },
  })
  client = await Http2Client.connect(server.url)
})
afterEach(async () => {
  client.close()
  await server.close({ graceMs: 0 })
})

describe('closing a server with clients of HTTP/2', () => {
  it('tells them, and lets requests that run finish', async () => {
    const answers = [1, 2, 3].map(() => client.ask('GET', '/hold'))
    await expect.poll(() => probe.waiting).toBe(3)
    const closed = server.close()
    await expect.poll(() => client.goaway).toMatchObject({ code: 0 })
    await wait(300)
    probe.release()
    for (const answer of answers) expect((await answer).status).toBe(200)
    await closed
    await client.closed
    expect(log).toHaveLength(3)
  })

  it('closes connections that nothing runs over', async () => {
    expect((await client.ask('GET', '/hello')).status).toBe(200)
    const unused = await Http2Client.connect(server.url)
    await server.close()
    await Promise.all([client.closed, unused.closed])
    expect([client.goaway?.code, unused.goaway?.code]).toEqual([0, 0])
  })

  it('answers requests that were on their way when it told them, and takes none after a while', async () => {
    const raw = await RawHttp2.connect(server.port)
    await raw.send(greeting, get(1, '/hold'))
    await expect.poll(() => probe.waiting).toBe(1)
    const closed = server.close()
    await expect.poll(() => raw.of('goaway')[0]?.payload.readUInt32BE(0)).toBe(2 ** 31 - 1)
    await raw.send(get(3, '/hello'))
    await expect.poll(() => raw.of('data').map(({ stream }) => stream)).toEqual([3])
    await expect.poll(() => raw.of('goaway').at(-1)?.payload.readUInt32BE(0)).toBe(3)
    await raw.send(get(5, '/hello'))
    await wait(50)
    probe.release()
    await closed
    await expect.poll(() => raw.closed).toBe(true)
    expect(new Set(raw.of('headers').map(({ stream }) => stream))).toEqual(new Set([1, 3]))
    expect(raw.goaway).toBe(0)
  })

  it('lets a whole stream, a whole download and a whole upload through', async () => {
    const streaming = client.open('GET', '/items?count=3&waitAt=3')
    const items = answerOf(streaming)
    await once(streaming, 'data')
    const loading = client.open('GET', '/download?sizeBytes=20000000')
    await once(loading, 'response')
    const sending = client.open('PUT', '/upload', binary, true)
    const sent = answerOf(sending)
    sending.write('hello')
    await wait(50)
    const closed = server.close()
    await wait(300)
    probe.release()
    sending.end('world')
    expect((await items).body).toContain('{"n":3}\n')
    expect((await sent).body).toBe('{"sizeBytes":10}')
    expect((await loading.toArray()).reduce((sum, chunk) => sum + chunk.length, 0)).toBe(20_000_000)
    await closed
  })

  it('gives up after a while: signals abort, and callers are told to try again', async () => {
    const heeding = client.ask('GET', '/hold')
    const ignoring = client.ask('GET', '/hold?heed=false')
    const streaming = client.ask('GET', '/items?waitAt=2')
    await expect.poll(() => probe.waiting).toBe(3)
    await server.close({ graceMs: 200 })
    const refused =
      '{"code":"unavailable","message":"the server is shutting down; try again","data":{"retryAfterMs":1000}}'
    expect(await heeding).toMatchObject({ status: 503, body: refused })
    expect(await ignoring).toMatchObject({ status: 503, body: refused })
    expect((await streaming).body).toBe(`{"n":1}\n{"$error":${refused}}\n`)
    expect(probe.events).toContain('aborted: unavailable')
    expect(log).toHaveLength(3)
  })

  it('gives up on clients that do not read, send or leave', async () => {
    const reading = await RawHttp2.connect(server.port)
    await reading.send(greeting, get(1, '/download?sizeBytes=500000000'))
    await expect.poll(() => reading.of('data').length).toBeGreaterThan(0)
    reading.socket.pause()
    const sending = await RawHttp2.connect(server.port)
    await sending.send(
      greeting,
      frame(
        types.headers,
        flags.endHeaders,
        1,
        requestHeaders('PUT', '/upload', [['content-type', 'image/png']]),
      ),
    )
    const begun = await RawHttp2.connect(server.port)
    await begun.send(greeting.subarray(0, 12))
    await wait(50)
    await server.close({ graceMs: 100 })
    expect(probe.events).toContain('cancelled')
    reading.close()
  })

  it('lets a client that knows of it go on elsewhere', async () => {
    const other = await serveOne(probeServlet(probe))
    const closed = server.close()
    await client.closed
    await closed
    const next = await Http2Client.connect(other.url)
    expect((await next.ask('GET', '/hello')).status).toBe(200)
    next.close()
    await other.close()
  })
})
