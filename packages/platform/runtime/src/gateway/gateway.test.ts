import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AtlasError, contract, endpoint } from '@atlas/contract'
import { type Instance, node, servlet } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { jsonRequest, request } from '../fixtures/http-request.ts'
import { ask as ask2 } from '../fixtures/http2-client.ts'
import { notesServlet } from '../fixtures/notes.ts'
import { Probe, probeServlet } from '../fixtures/probe.ts'
import { once, RawClient } from '../fixtures/raw-client.ts'
import { gatewayServlet, start } from '../fixtures/way.ts'
import type { RequestLog } from '../request-log.ts'
import { enveloped } from '../rpc/envelope.ts'
import { startNotes } from '../rpc/fixtures/exchange.ts'
import { framesOf } from '../rpc/fixtures/notes-codec.ts'
import { type Server, serve } from '../serve.ts'
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import type { CallerOf, Forward } from './dispatcher.ts'
import { serveGateway } from './serve-gateway.ts'
import { Upstream } from './upstream.ts'

const mounted = servlet(
  contract('mounted', {
    facts: endpoint({
      route: 'GET /facts',
      access: 'internal',
      output: z.object({ caller: z.string().optional(), user: z.string().optional() }),
    }),
  }),
  {
    mount: {
      '/app': node(
        () => (request, response) => {
          response.setHeader('set-cookie', ['a=1', 'b=2'])
          response.setHeader('x-custom', 'yes')
          response.end(
            `${request.method} ${request.url} ${JSON.stringify(request.headers['x-atlas-subject'])}`,
          )
        },
        { access: 'public' },
      ),
    },
  },
  {
    facts: async (_input, ctx) => ({
      ...(ctx.caller === undefined ? {} : { caller: ctx.caller }),
      ...(ctx.user === undefined ? {} : { user: JSON.stringify(ctx.user) }),
    }),
  },
)

const probe = new Probe()
const servlets = [notesServlet, probeServlet(probe), mounted] as const
const authenticate = async (token: string) => {
  if (token === 'wrong') throw new AtlasError('unauthenticated', 'no such session')
  return { id: token }
}

/** A token is who calls whom. */
const callerOf: CallerOf = async (token, callee) => {
  const [caller, audience] = token?.split(' -> ') ?? []
  if (caller === undefined) throw new AtlasError('unauthenticated', 'no token')
  if (audience !== callee) throw new AtlasError('permission_denied', `for ${audience}`)
  return caller
}

let folder: string
let direct: Server
let host: Server
let upstream: Upstream
let gateway: Server
let internal: Server
let telemetry: Telemetry
let state: AtlasError | undefined
const log: RequestLog[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-gateway-'))
  const instances: Instance[] = []
  instances.push(await startNotes(), await start(servlets[1]), await start(mounted))
  direct = await serve({ instances: () => instances, authenticate })
  const path = join(folder, 'host.sock')
  host = await serve({ path, listener: 'gateway', instances: () => instances })
  upstream = new Upstream(path)
  const common = {
    servlets: () => servlets.map(gatewayServlet),
    forward: (async (name, request, hop) => {
      if (state) throw state
      return upstream.forward(request, hop, name)
    }) as Forward,
    authenticate,
    pages: { '/-/servlets': () => ({ contentType: 'application/json', body: '{}' }) },
  }
  telemetry = await createTelemetry({ environment: {} })
  gateway = await serveGateway({ ...common, telemetry, onRequest: (entry) => log.push(entry) })
  internal = await serveGateway({ ...common, callerOf })
})
afterAll(async () => {
  for (const server of [direct, gateway, internal, host]) await server.close({ graceMs: 0 })
  await telemetry.close(0)
  upstream.destroy()
  await rm(folder, { recursive: true })
})

/** What a client sees, without what is new with every answer. */
async function seen(port: number, text: string, method = 'GET') {
  const { status, headers, body } = await once(port, text, method)
  const kept = [...headers].filter(([name]) => name !== 'date').sort()
  return { status, headers: Object.fromEntries(kept), body }
}

describe('a gateway answers as the server behind it would', () => {
  const bearer = { authorization: 'Bearer ada' }
  it.each<[string, string, string?]>([
    ['an answer', request('GET', '/hello')],
    ['a body', jsonRequest('POST', '/json', '{"text":"ü"}')],
    ['HEAD', request('HEAD', '/hello'), 'HEAD'],
    ['OPTIONS', request('OPTIONS', '/hello')],
    ['another method', request('DELETE', '/hello')],
    ['an unknown path', request('GET', '/nowhere')],
    ['an unknown method of a service', jsonRequest('POST', '/notes.Notes/Nope', '{}')],
    ['a broken escape', request('GET', '/echo/%zz')],
    ['an escaped slash', request('GET', '/echo/a%2Fb')],
    ['a double slash', request('GET', '/rest/a//b')],
    ['a query', request('GET', '/notes?ids=1&ids=2&text=%20')],
    ['a wrong input', request('GET', '/notes?limit=1000')],
    ['broken JSON', jsonRequest('POST', '/json', '{"text":')],
    ['another type', request('POST', '/json', { 'content-type': 'text/plain' }, 'x')],
    ['a body that is too large', request('PUT', '/upload', { 'content-length': '99999999' })],
    ['a body with no type', request('PUT', '/upload', {}, 'xyz')],
    [
      'a chunked body',
      `${request('PUT', '/upload', {
        'content-type': 'application/octet-stream',
        'transfer-encoding': 'chunked',
      })}3\r\nabc\r\n0\r\n\r\n`,
    ],
    [
      'an upload that is not read',
      request('PUT', '/upload?read=none', { 'content-type': 'application/octet-stream' }, 'abc'),
    ],
    ['bytes', request('GET', '/download?sizeBytes=100000')],
    ['bytes of a known size', request('GET', '/download?sizeBytes=100000&saidBytes=100000')],
    ['no bytes', request('GET', '/download?sizeBytes=0')],
    ['a stream', request('GET', '/items?count=3')],
    ['a stream that fails at once', request('GET', '/items?failAt=1')],
    ['a stream that fails', request('GET', '/items?failAt=2')],
    ['server-sent events', request('GET', '/items', { accept: 'text/event-stream' })],
    ['an internal endpoint', request('GET', '/facts')],
    ['nobody signed in', request('PUT', '/signed-in', {}, 'x')],
    ['a token that is not accepted', request('PUT', '/signed-in', { authorization: 'Bearer wrong' }, 'x')],
    ['a user', request('PUT', '/signed-in', { ...bearer, 'content-type': 'text/plain' }, 'x')],
    ['a deadline that is none', request('GET', '/hello', { 'connect-timeout-ms': 'soon' })],
    ['a deadline of nothing', request('GET', '/hello', { 'connect-timeout-ms': '0' })],
    ['a deadline', request('GET', '/hold?heed=false', { 'connect-timeout-ms': '30' })],
    ['a mounted app', request('POST', '/app/x?y=1', {}, 'z')],
    [
      'Connect',
      jsonRequest('POST', '/notes.Notes/Echo', '{"text":"a"}', { 'connect-protocol-version': '1' }),
    ],
    ['a failing call of Connect', jsonRequest('POST', '/notes.Notes/Create', '{"folder":"f"}')],
    ['gRPC over HTTP/1.1', request('POST', '/notes.Notes/Echo', { 'content-type': 'application/grpc' }, 'x')],
    ['readiness', request('GET', '/-/ready')],
    ['a page with the wrong method', request('POST', '/-/live')],
    ['an expectation that nobody knows', request('GET', '/hello', { expect: 'gifts' })],
    ['an absolute target', request('GET', 'http://localhost/hello')],
  ])('to %s', async (_what, text, method) => {
    expect(await seen(gateway.port, text, method)).toEqual(await seen(direct.port, text, method))
  })

  it('to gRPC, with trailers', async () => {
    const message = enveloped(Buffer.from('{"text":"a"}'), 0)
    const headers = { 'content-type': 'application/grpc+json', te: 'trailers' }
    for (const path of ['/notes.Notes/Echo', '/notes.Notes/Nope', '/no.Such/Service']) {
      const [one, other] = await Promise.all(
        [gateway, direct].map(({ url }) => ask2(url, 'POST', path, headers, message)),
      )
      for (const answer of [one!, other!]) delete (answer.headers as Record<string, unknown>).date
      expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    }
  })

  it.each([
    ['grpc.health.v1.Health/Check', { service: 'notes.Notes' }],
    ['grpc.reflection.v1.ServerReflection/ServerReflectionInfo', { listServices: '' }],
    ['grpc.reflection.v1.ServerReflection/ServerReflectionInfo', { fileContainingSymbol: 'notes.Notes' }],
  ])('to %s %j, from documents alone', async (path, question) => {
    const headers = { 'content-type': 'application/grpc+json', te: 'trailers' }
    const message = enveloped(Buffer.from(JSON.stringify(question)), 0)
    const answers = await Promise.all(
      [gateway, direct].map(async ({ url }) => {
        const { body, trailers } = await ask2(url, 'POST', `/${path}`, headers, message)
        return { trailers: trailers['grpc-status'], frames: framesOf(Buffer.from(body)).map(String) }
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]!.trailers).toBe('0')
  })
})

describe('a gateway', () => {
  it('does not believe what comes from outside in headers of its own', async () => {
    const spoofed = {
      'x-atlas-listener': 'internal',
      'x-atlas-caller': 'notes',
      'x-atlas-subject': Buffer.from('{"id":"root"}').toString('base64url'),
    }
    expect((await once(gateway.port, request('GET', '/facts', spoofed))).status).toBe(403)
    const user = await once(gateway.port, request('PUT', '/signed-in', spoofed, 'x'))
    expect(user.status).toBe(401)
    expect((await once(gateway.port, request('GET', '/app', spoofed))).body).toBe('GET / undefined')
  })

  it('passes caller and user on where only servlets call', async () => {
    const subject = Buffer.from('{"id":"ada"}').toString('base64url')
    const text = request('GET', '/facts', {
      'x-atlas-token': 'notes -> mounted',
      'x-atlas-caller': 'somebody',
      'x-atlas-subject': subject,
    })
    expect(JSON.parse((await once(internal.port, text)).body)).toEqual({
      caller: 'notes',
      user: '{"id":"ada"}',
    })
  })

  it.each([
    ['/facts', 'mounted', 200],
    ['/facts', 'notes', 403],
    ['/facts', undefined, 401],
    ['/app', 'mounted', 200],
    ['/app', 'notes', 403],
    ['/app', undefined, 401],
  ])('lets servlets call %s by a token for %s: %i', async (path, audience, status) => {
    const headers: Record<string, string> =
      audience === undefined ? { 'x-atlas-caller': 'notes' } : { 'x-atlas-token': `notes -> ${audience}` }
    expect((await once(internal.port, request('GET', path, headers))).status).toBe(status)
  })

  it('passes on the time that is left', async () => {
    probe.release()
    const answer = once(gateway.port, request('GET', '/hold?heed=false', { 'connect-timeout-ms': '20000' }))
    while (probe.waiting === 0) await new Promise((done) => setTimeout(done, 5))
    probe.release()
    const { deadline } = JSON.parse((await answer).body) as { deadline: number }
    expect(deadline - Date.now()).toBeGreaterThan(0)
    expect(deadline - Date.now()).toBeLessThanOrEqual(20_000)
  })

  it('gives up what its client gives up', async () => {
    probe.events.length = 0
    const client = await RawClient.connect(gateway.port)
    client.send(request('GET', '/hold'))
    while (probe.waiting === 0) await new Promise((done) => setTimeout(done, 5))
    client.close()
    while (probe.events.length === 0) await new Promise((done) => setTimeout(done, 5))
    expect(probe.events).toEqual(['aborted: canceled'])
    probe.release()
  })

  it('lets a client send its body only when the servlet asks for it', async () => {
    const client = await RawClient.connect(gateway.port)
    const head = { 'content-type': 'application/octet-stream', expect: '100-continue' }
    client.send(request('PUT', '/upload', { ...head, 'content-length': '3' }))
    expect((await client.answer()).status).toBe(100)
    client.send('abc')
    expect(await client.answer()).toMatchObject({ status: 200, body: '{"sizeBytes":3}' })
    client.send(request('PUT', '/upload', { ...head, 'content-length': '99999999' }))
    expect((await client.answer()).status).toBe(413)
    client.close()
  })

  it('says when to come back, in every protocol', async () => {
    state = new AtlasError('unavailable', 'notes is starting', { data: { retryAfterMs: 2500 } })
    try {
      const plain = await once(gateway.port, request('GET', '/notes'))
      expect([plain.status, plain.headers.get('retry-after')]).toEqual([503, '3'])
      const connect = await once(gateway.port, jsonRequest('POST', '/notes.Notes/Echo', '{"text":"a"}'))
      expect(connect.status).toBe(503)
      expect(JSON.parse(connect.body)).toMatchObject({ code: 'unavailable', message: 'notes is starting' })
      const grpc = await ask2(
        gateway.url,
        'POST',
        '/notes.Notes/Echo',
        { 'content-type': 'application/grpc' },
        '',
      )
      expect(grpc.headers['grpc-status']).toBe('14')
    } finally {
      state = undefined
    }
  })

  it('logs which servlet answered, and what', async () => {
    log.length = 0
    await once(gateway.port, request('GET', '/notes?limit=1000'))
    await once(gateway.port, jsonRequest('POST', '/notes.Notes/Echo', '{"text":"a"}'))
    await expect
      .poll(() => log)
      .toMatchObject([
        { servlet: 'notes', endpoint: 'find', status: 400, error: { code: 'invalid_argument' } },
        { servlet: 'notes', status: 200 },
      ])
  })

  it('counts requests by servlet, whatever they speak', async () => {
    const requests = () => telemetry.traffic().get('notes')?.requests ?? 0
    const before = requests()
    await once(gateway.port, request('GET', '/notes'))
    await once(gateway.port, jsonRequest('POST', '/notes.Notes/Echo', '{"text":"a"}'))
    await expect.poll(requests).toBe(before + 2)
    expect((await once(gateway.port, request('GET', '/-/metrics'))).body).toContain(
      'atlas_server_requests_total',
    )
  })

  it('has pages of its own', async () => {
    expect((await once(gateway.port, request('GET', '/-/servlets'))).body).toBe('{}')
    expect((await once(gateway.port, request('GET', '/-/no'))).body).toContain('/-/metrics, /-/servlets')
  })
})

describe('a server behind a gateway that ends', () => {
  /** What is no server of ours breaks off in ways that ours never would. */
  async function breaking(answer: (stream: ServerHttp2Stream) => void) {
    const path = join(folder, `breaking-${Math.random()}.sock`)
    const server = createServer().on('stream', answer)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const to = new Upstream(path)
    const front = await serveGateway({
      servlets: () => [gatewayServlet(servlets[1])],
      forward: (name, request, hop) => to.forward(request, hop, name),
    })
    return {
      front,
      to,
      close: () => Promise.all([front.close({ graceMs: 0 }), server.close(), to.destroy()]),
    }
  }

  it('before it answered is unavailable', async () => {
    const { front, to, close } = await breaking((stream) => stream.session!.destroy())
    const { status, body } = await once(front.port, request('GET', '/hello'))
    expect([status, JSON.parse(body).code]).toEqual([503, 'unavailable'])
    await expect.poll(() => to.usable).toBe(false)
    expect((await once(front.port, request('GET', '/hello'))).status).toBe(503)
    await close()
  })

  it('in the middle of an answer breaks it off', async () => {
    const { front, close } = await breaking((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' })
      stream.write('half')
      setTimeout(() => stream.session!.destroy(), 50)
    })
    const client = await RawClient.connect(front.port)
    client.send(request('GET', '/download?sizeBytes=1'))
    const all = await client.rest()
    expect(all).toContain('half')
    // The last chunk of a whole answer has no bytes.
    expect(all).not.toContain('\r\n0\r\n')
    await close()
  })
})
