import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { get as getOverTls } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Certificate, makeCertificate } from '../../fixtures/certificate.ts'
import { jsonRequest, request } from '../../fixtures/http-request.ts'
import { ask, Http2Client } from '../../fixtures/http2-client.ts'
import { get, greeting, preface } from '../../fixtures/http2-frames.ts'
import { RawHttp2 } from '../../fixtures/http2-raw.ts'
import { Probe, probeServlet } from '../../fixtures/probe.ts'
import { once as askOnce, RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Limits } from '../../limits.ts'
import type { ServeOptions, Server } from '../../serve.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(
  limits: Partial<Limits> = {},
  options: Omit<ServeOptions, 'instances'> = {},
): Promise<Server> {
  const server = await serveOne(probeServlet(new Probe()), { ...options, limits })
  closing.push(() => server.close({ graceMs: 0 }))
  return server
}

async function rawHttp1(server: Server): Promise<RawClient> {
  const client = await RawClient.connect(server.port)
  closing.push(() => client.close())
  return client
}

async function rawHttp2(server: Server): Promise<RawHttp2> {
  const client = await RawHttp2.connect(server.port)
  closing.push(() => client.close())
  return client
}

const hello = request('GET', '/hello')
const answer = '{"hello":"world"}'

describe('one port', () => {
  it.each([
    ['--http1.1', '1.1'],
    ['--http2', '1.1'],
    ['--http2-prior-knowledge', '2'],
  ])('answers curl %s', async (flag, version) => {
    const { url } = await serve()
    const curl = (...args: string[]) =>
      promisify(execFile)('curl', ['-sS', '--max-time', '10', flag, '-w', '%{http_version}', ...args])
    expect((await curl(`${url}/hello`)).stdout).toBe(answer + version)
    const json = ['-H', 'content-type: application/json', '-d', '{"text":"x"}']
    expect((await curl(...json, `${url}/json`)).stdout).toBe(`{"text":"x"}${version}`)
    const upload = ['-T', import.meta.filename, '-H', 'content-type: application/octet-stream']
    const { length } = readFileSync(import.meta.filename)
    expect((await curl(...upload, `${url}/upload`)).stdout).toBe(`{"sizeBytes":${length}}${version}`)
  })

  it('answers both at once', async () => {
    const { port, url } = await serve()
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, n) =>
        n % 2 ? (await ask(url, 'GET', '/hello')).body : (await askOnce(port, hello)).body,
      ),
    )
    expect(new Set(all)).toEqual(new Set([answer]))
  })

  it('knows HTTP/2 by its first bytes, even if they come one by one', async () => {
    const client = await rawHttp2(await serve())
    for (const byte of preface) {
      await client.send(Buffer.from([byte]))
      await wait(2)
    }
    await client.send(greeting.subarray(preface.byteLength), get(1, '/hello'))
    await expect.poll(() => String(client.of('data')[0]?.payload)).toBe(answer)
  })

  it('knows HTTP/2 whose first request comes along', async () => {
    const client = await rawHttp2(await serve())
    await client.send(greeting, get(1, '/hello'))
    await expect.poll(() => String(client.of('data')[0]?.payload)).toBe(answer)
  })

  it.each([
    ['POST', jsonRequest('POST', '/json', '{"text":"x"}'), 200],
    ['PUT', request('PUT', '/upload', { 'content-type': 'application/octet-stream' }, 'x'), 200],
    ['PATCH', jsonRequest('PATCH', '/json', '{}'), 405],
    ['PROPFIND', request('PROPFIND', '/hello'), 405],
    ['GET', hello, 200],
  ])('does not take %s for HTTP/2, even if its bytes come one by one', async (_method, text, status) => {
    const client = await rawHttp1(await serve())
    for (const byte of text) {
      client.send(byte)
      await wait(1)
    }
    expect((await client.answer()).status).toBe(status)
    expect((await client.send(hello).answer()).status).toBe(200)
  })

  it.each(['PRI', 'PRIVATE / HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'.padEnd(100, 'x')])(
    'closes a connection that begins with %j and goes on with something else',
    async (text) => {
      const server = await serve({ headersTimeoutMs: 200 })
      const client = await rawHttp2(server)
      await client.send(Buffer.from(text))
      await expect.poll(() => client.closed, { timeout: 5000 }).toBe(true)
      expect((await askOnce(server.port, hello)).status).toBe(200)
    },
  )

  it('takes what a client sends before it closes its end', async () => {
    const { port } = await serve()
    const socket = connect({ port, host: '127.0.0.1' })
    socket.end(request('GET', '/hello', { connection: 'close' }))
    const chunks = await socket.toArray()
    expect(String(Buffer.concat(chunks))).toContain(answer)
  })

  it('survives clients that connect and leave', async () => {
    const server = await serve()
    for (let n = 0; n < 100; n++) {
      const socket = connect({ port: server.port, host: '127.0.0.1' })
      await once(socket, 'connect')
      if (n % 3 === 0) socket.resetAndDestroy()
      else if (n % 3 === 1) socket.end('P')
      else socket.destroy()
      await once(socket, 'close')
    }
    expect((await askOnce(server.port, hello)).status).toBe(200)
  })
})

describe('a client that begins slowly', () => {
  it.each([
    ['nothing', ''],
    ['one byte', 'P'],
    ['two bytes', 'PR'],
    ['a request in pieces', 'GET / HTTP/1.1\r\nhost:'],
  ])('and sends %s is told so, and its connection closed', async (_name, text) => {
    const client = await rawHttp1(await serve({ headersTimeoutMs: 200 }))
    if (text) client.send(text)
    expect((await client.answer()).status).toBe(408)
    await client.rest()
  })

  it.each([
    ['nothing but the preface', preface],
    ['half of the preface', preface.subarray(0, 10)],
    ['half of its settings', greeting.subarray(0, preface.byteLength + 5)],
  ])('and sends %s is not waited for', async (_name, bytes) => {
    const client = await rawHttp2(await serve({ headersTimeoutMs: 200 }))
    await client.send(bytes)
    await expect.poll(() => client.closed, { timeout: 5000 }).toBe(true)
  })

  it('and trickles its headers is not waited for', async () => {
    const client = await rawHttp1(await serve({ headersTimeoutMs: 400 }))
    client.send('GET /hello HTTP/1.1\r\n')
    const trickle = setInterval(() => client.send('a: b\r\n'), 50)
    closing.push(() => clearInterval(trickle))
    expect((await client.answer()).status).toBe(408)
    await client.rest()
  })
})

describe('connections', () => {
  it('beyond the limit are closed when they come, and taken again when others leave', async () => {
    const server = await serve({ connections: 3 })
    const clients = [await rawHttp1(server), await rawHttp1(server)]
    const http2 = await Http2Client.connect(server.url)
    closing.push(() => http2.close())
    expect(await (await rawHttp1(server)).rest()).toBe('')
    expect((await http2.ask('GET', '/hello')).status).toBe(200)
    clients[0]!.close()
    await expect.poll(() => askOnce(server.port, hello).catch(() => undefined)).toMatchObject({ status: 200 })
  })

  it('that nothing runs over are closed after a while', async () => {
    const server = await serve({ keepAliveTimeoutMs: 200 })
    const http2 = await Http2Client.connect(server.url)
    closing.push(() => http2.close())
    expect((await http2.ask('GET', '/hello')).status).toBe(200)
    await http2.closed
    expect(http2.goaway).toMatchObject({ code: 0 })
  })

  it('that something runs over are not', async () => {
    const server = await serve({ keepAliveTimeoutMs: 100, heartbeatMs: 50 })
    const http2 = await Http2Client.connect(server.url)
    closing.push(() => http2.close())
    const stream = http2.open('GET', '/items?waitAt=2')
    await once(stream, 'data')
    await wait(500)
    expect([http2.goaway, http2.session.closed]).toEqual([undefined, false])
  })
})

describe('over TLS', () => {
  let certificate: Certificate
  beforeAll(() => {
    certificate = makeCertificate()
  })
  afterAll(() => certificate.remove())

  async function secure(limits: Partial<Limits> = {}): Promise<Server> {
    return serve(limits, { tls: certificate.tls })
  }

  async function connectSecurely({ port }: Server, ALPNProtocols: string[]): Promise<TLSSocket> {
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificate.tls.cert, ALPNProtocols })
    closing.push(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    return socket
  }

  it.each([
    ['--http1.1', '1.1'],
    ['--http2', '2'],
  ])('the client chooses: curl %s', async (flag, version) => {
    const { url } = await secure()
    expect(url).toMatch(/^https:/)
    const { stdout } = await promisify(execFile)('curl', [
      '-sS',
      '--cacert',
      certificate.certPath,
      flag,
      '-w',
      '%{http_version}',
      `${url}/hello`,
    ])
    expect(stdout).toBe(answer + version)
  })

  it('clients of Node are answered', async () => {
    const { url, port } = await secure()
    const session = connectHttp2(url, { ca: certificate.tls.cert })
    closing.push(() => session.destroy())
    const stream = session.request({ ':path': '/hello' })
    expect(String(Buffer.concat(await stream.toArray()))).toBe(answer)
    const plain = await new Promise<IncomingMessage>((resolve) =>
      getOverTls(
        { port, host: '127.0.0.1', path: '/hello', ca: certificate.tls.cert, agent: false },
        resolve,
      ),
    )
    expect(String(Buffer.concat(await plain.toArray()))).toBe(answer)
  })

  it('clients that do not choose get HTTP/1.1', async () => {
    const socket = await connectSecurely(await secure(), [])
    socket.write(request('GET', '/hello', { connection: 'close' }))
    expect(String(Buffer.concat(await socket.toArray()))).toContain(answer)
  })

  it('nobody looks for HTTP/2 where it was not chosen', async () => {
    const socket = await connectSecurely(await secure(), ['http/1.1'])
    socket.write(Buffer.concat([greeting, get(1, '/hello')]))
    expect(String(Buffer.concat(await socket.toArray()))).toMatch(/^HTTP\/1.1 400 /)
  })

  it('a client that is silent after its handshake is told so', async () => {
    const socket = await connectSecurely(await secure({ headersTimeoutMs: 200 }), ['http/1.1'])
    expect(String(Buffer.concat(await socket.toArray()))).toMatch(/^HTTP\/1.1 408 /)
  })

  it.each([
    ['is silent before its handshake', ''],
    ['speaks in cleartext', hello],
  ])('a client that %s is closed', async (_name, text) => {
    const client = await rawHttp1(await secure({ headersTimeoutMs: 200 }))
    if (text) client.send(text)
    await client.rest()
  })

  it('the server closes, with clients of all kinds', async () => {
    const server = await secure()
    const silent = await rawHttp1(server)
    const unused = await connectSecurely(server, ['http/1.1'])
    const closed = once(unused.resume(), 'close')
    const session = connectHttp2(server.url, { ca: certificate.tls.cert })
    await once(session, 'remoteSettings')
    await server.close()
    await silent.rest()
    await closed
  })

  it('a certificate that is none is an error with a remedy', async () => {
    await expect(serve({}, { tls: { ...certificate.tls, key: 'none' } })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/certificate or its key cannot be used: .*; give both in PEM/),
    })
  })
})
