import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../fixtures/http-request.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { RequestLog } from '../../request-log.ts'
import type { Server } from '../../serve.ts'

const hello = request('GET', '/hello')
const hold = request('GET', '/hold')

let probe: Probe
let server: Server
let log: RequestLog[]
beforeEach(async () => {
  probe = new Probe()
  log = []
  server = await serveOne(probeServlet(probe), {
    onRequest: (entry) => {
      log.push(entry)
    },
  })
})
afterEach(() => server.close({ graceMs: 0 }))

describe('closing a server', () => {
  it('lets requests that run finish, and closes their connections', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.port)))
    for (const client of clients) client.send(hold)
    await expect.poll(() => probe.waiting).toBe(3)
    const closed = server.close()
    await new Promise((resolve) => setTimeout(resolve, 300))
    probe.release()
    for (const client of clients) {
      const { status, headers } = await client.answer()
      expect([status, headers.get('connection')]).toEqual([200, 'close'])
      await client.rest()
    }
    await closed
    expect(log).toHaveLength(3)
  })

  it('refuses new connections at once', async () => {
    const client = await RawClient.connect(server.port)
    client.send(hold)
    await expect.poll(() => probe.waiting).toBe(1)
    const closed = server.close()
    await expect(RawClient.connect(server.port)).rejects.toThrow(/ECONNREFUSED/)
    probe.release()
    await closed
  })

  it('closes connections that are kept, and those that were never used', async () => {
    const kept = await RawClient.connect(server.port)
    await kept.send(hello).answer()
    const unused = await RawClient.connect(server.port)
    await server.close()
    expect([await kept.rest(), await unused.rest()]).toEqual(['', ''])
  })

  it('answers requests that are on their way over kept connections', async () => {
    const client = await RawClient.connect(server.port)
    await client.send(hello).answer()
    const closed = server.close()
    const { status, headers } = await client.send(hello).answer()
    expect([status, headers.get('connection')]).toEqual([200, 'close'])
    await closed
  })

  it('is not ready meanwhile, and says so over connections that are left', async () => {
    const [busy, asking] = await Promise.all([RawClient.connect(server.port), RawClient.connect(server.port)])
    await asking.send(hello).answer()
    busy.send(hold)
    await expect.poll(() => probe.waiting).toBe(1)
    const closed = server.close()
    expect((await asking.send(request('GET', '/-/ready')).answer()).status).toBe(503)
    probe.release()
    await closed
  })

  it('lets a whole stream and a whole download through', async () => {
    const [streaming, loading] = await Promise.all([
      RawClient.connect(server.port),
      RawClient.connect(server.port),
    ])
    streaming.send(request('GET', '/items?count=3&waitAt=3'))
    loading.send(request('GET', '/download?sizeBytes=50000000&saidBytes=50000000'))
    await streaming.seen('{"n":2}\n')
    await loading.seen('\r\n\r\n')
    const closed = server.close()
    probe.release()
    expect(await streaming.rest()).toContain('{"n":3}\n')
    expect(await loading.rest()).toHaveLength(50_000_000)
    await closed
  })

  it('takes the rest of an upload', async () => {
    const client = await RawClient.connect(server.port)
    client.send(
      request(
        'PUT',
        '/upload',
        { 'content-type': 'application/octet-stream', 'content-length': '10' },
        'hello',
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closed = server.close()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await client.send('world').answer()).body).toBe('{"sizeBytes":10}')
    await closed
  })

  it('gives up after a while: signals abort, and callers are told to try again', async () => {
    const [heeding, ignoring, streaming] = await Promise.all(
      [1, 2, 3].map(() => RawClient.connect(server.port)),
    )
    heeding!.send(hold)
    ignoring!.send(request('GET', '/hold?heed=false'))
    streaming!.send(request('GET', '/items?waitAt=2'))
    await expect.poll(() => probe.waiting).toBe(3)
    await server.close({ graceMs: 200 })
    const refused =
      '{"code":"unavailable","message":"the server is shutting down; try again","data":{"retryAfterMs":1000}}'
    expect(await heeding!.answer()).toMatchObject({ status: 503, body: refused })
    expect(await ignoring!.answer()).toMatchObject({ status: 503, body: refused })
    expect((await streaming!.answer()).body).toBe(`{"n":1}\n{"$error":${refused}}\n`)
    expect(probe.events).toContain('aborted: unavailable')
    expect(log).toHaveLength(3)
  })

  it('gives up on clients that do not read or send', async () => {
    const [reading, sending] = await Promise.all([
      RawClient.connect(server.port),
      RawClient.connect(server.port),
    ])
    reading.send(request('GET', '/download?sizeBytes=500000000'))
    await reading.seen('200 OK')
    reading.socket.pause()
    sending.send('GET /hello HTTP/1.1\r\nhost:')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await server.close({ graceMs: 100 })
    expect(probe.events).toContain('cancelled')
    reading.close()
    await sending.rest()
  })

  it('twice is closing once', async () => {
    await Promise.all([server.close(), server.close()])
    await server.close()
  })
})
