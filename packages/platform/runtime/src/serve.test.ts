import { AtlasError, byteStream, bytes, contract, endpoint } from '@atlas/contract'
import { type Instance, servlet } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { request } from './fixtures/http-request.ts'
import { once } from './fixtures/raw-client.ts'
import { serveOne, start, takePort } from './fixtures/way.ts'
import type { RequestLog } from './request-log.ts'
import { type Server, serve } from './serve.ts'

const things = contract('things', {
  get: endpoint({
    route: 'GET /things/{id}',
    access: 'public',
    input: z.object({ id: z.string() }),
    output: z.object({ id: z.string() }),
  }),
  put: endpoint({ route: 'PUT /things/{id}', access: 'public', input: z.object({ id: z.string() }) }),
  list: endpoint({ route: 'GET /things', access: 'public' }),
  mine: endpoint({ route: 'GET /mine', access: 'user' }),
  old: endpoint({
    route: 'GET /old',
    access: 'public',
    deprecated: { since: '2026-01-01', sunset: '2026-12-31', use: 'list' },
    input: z.object({ fail: z.boolean().default(false) }),
  }),
  page: endpoint({ route: 'GET /page', access: 'public', output: bytes() }),
  older: endpoint({
    route: 'GET /older',
    access: 'public',
    deprecated: { since: '2025-06-15', sunset: '2026-12-31', use: 'the endpoint get' },
  }),
})
const thingsServlet = servlet(things, {
  get: async ({ id }) => ({ id }),
  put: async () => {},
  list: async () => {},
  mine: async () => {},
  old: async ({ fail }) => {
    if (fail) throw new AtlasError('not_found', 'gone')
  },
  page: async () => byteStream('<script>steal()</script>', { contentType: 'text/html' }),
  older: async () => {},
})

describe('a server', () => {
  let server: Server
  const log: RequestLog[] = []
  beforeAll(async () => {
    server = await serveOne(thingsServlet, {
      onRequest: (entry) => {
        log.push(entry)
      },
      authenticate: async (token) => {
        if (token !== 'good') throw new AtlasError('unauthenticated', 'no such session')
        return { id: 'ada' }
      },
      state: (path) =>
        path.startsWith('/broken')
          ? new AtlasError('unavailable', 'servlet broken does not start')
          : undefined,
    })
  })
  afterAll(() => server.close({ graceMs: 0 }))

  const get = (method: string, target: string, headers = {}) =>
    once(server.port, request(method, target, headers), method)

  it('says where it listens', () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  })

  it('answers JSON that nobody may take for something else', async () => {
    const { status, headers, body } = await get('GET', '/things/7')
    expect(status).toBe(200)
    expect(body).toBe('{"id":"7"}')
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': '10',
      'x-content-type-options': 'nosniff',
      connection: 'keep-alive',
    })
  })

  it('answers bytes so that a page among them cannot act for whoever opens it', async () => {
    const { headers, body } = await get('GET', '/page')
    expect(body).toBe('<script>steal()</script>')
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    })
  })

  it('answers HEAD where it answers GET, without a body', async () => {
    const { status, headers } = await get('HEAD', '/things/7')
    expect(status).toBe(200)
    expect(headers.get('content-length')).toBe('10')
  })

  it('takes targets as proxies send them, with a scheme and a host', async () => {
    expect(await get('GET', 'http://example.com/things/7')).toMatchObject({ status: 200, body: '{"id":"7"}' })
    expect(await get('GET', 'http://example.com')).toMatchObject({ status: 404 })
  })

  it('says what methods a path has', async () => {
    const options = await get('OPTIONS', '/things/7')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, PUT, HEAD, OPTIONS'])
    const wrong = await get('DELETE', '/things/7')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, PUT, HEAD, OPTIONS'])
    expect(JSON.parse(wrong.body)).toEqual({
      code: 'unimplemented',
      message: 'DELETE is not served here; use GET or PUT or HEAD',
    })
  })

  it('says that nothing is served at a path', async () => {
    const { status, body } = await get('GET', '/nothing?secret=1')
    expect(status).toBe(404)
    expect(JSON.parse(body)).toEqual({ code: 'unimplemented', message: 'nothing is served at /nothing' })
    expect((await get('OPTIONS', '*')).status).toBe(404)
  })

  it('says why a servlet is not there, where somebody knows', async () => {
    expect(await get('GET', '/broken/x')).toMatchObject({
      status: 503,
      body: '{"code":"unavailable","message":"servlet broken does not start"}',
    })
  })

  it('refuses percent-encoding that is none', async () => {
    for (const target of ['/things/%', '/things/%zz', '/things/%ff', '/old?fail=%'])
      expect(await get('GET', target)).toMatchObject({ status: 400, body: expect.stringContaining('%25') })
  })

  it('announces the end of endpoints, with errors too', async () => {
    for (const [target, status] of [
      ['/old', 200],
      ['/old?fail=true', 404],
      ['/old?fail=maybe', 400],
    ] as const) {
      const answer = await get('GET', target)
      expect(answer.status).toBe(status)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        deprecation: '@1767225600',
        sunset: 'Thu, 31 Dec 2026 00:00:00 GMT',
        link: '</things>; rel="successor-version"',
      })
    }
    const { headers } = await get('GET', '/older')
    expect(headers.get('deprecation')).toBe('@1749945600')
    expect(headers.has('link')).toBe(false)
  })

  it('asks for a token where one is needed', async () => {
    const without = await get('GET', '/mine')
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    const wrong = await get('GET', '/mine', { authorization: 'Bearer wrong' })
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect((await get('GET', '/mine', { authorization: 'Basic Z29vZA==' })).status).toBe(401)
    expect((await get('GET', '/mine', { authorization: 'Bearer good' })).status).toBe(200)
  })

  it('refuses a wrong token even where none is needed', async () => {
    expect((await get('GET', '/things', { authorization: 'Bearer wrong' })).status).toBe(401)
  })

  it('does not believe strangers who say that they are servlets', async () => {
    const secret = servlet(contract('secret', { get: endpoint({ route: 'GET /secret' }) }), {
      get: async () => {},
    })
    const open = await serveOne(secret)
    const inside = await serveOne(secret, { listener: 'internal' })
    const asked = request('GET', '/secret', { 'x-atlas-caller': 'shop' })
    expect((await once(open.port, asked)).status).toBe(403)
    expect((await once(inside.port, asked)).status).toBe(200)
    await Promise.all([open.close(), inside.close()])
  })

  it('tells of each request, without its query', async () => {
    log.length = 0
    await get('GET', '/things/7?token=secret')
    await get('GET', '/things/7/')
    await expect.poll(() => log).toHaveLength(2)
    expect(log).toEqual([
      {
        method: 'GET',
        path: '/things/7',
        servlet: 'things',
        endpoint: 'get',
        status: 200,
        durationMs: expect.any(Number),
        bytesIn: 0,
        bytesOut: 10,
        error: undefined,
      },
      expect.objectContaining({ status: 404, servlet: undefined, error: expect.any(AtlasError) }),
    ])
  })

  it('lives through a log that fails', async () => {
    const other = await serveOne(thingsServlet, {
      onRequest: () => {
        throw new Error('the disk is full')
      },
    })
    expect((await once(other.port, request('GET', '/things'))).status).toBe(200)
    expect((await once(other.port, request('GET', '/things'))).status).toBe(200)
    await other.close()
  })
})

describe('the paths of the platform', () => {
  it('say whether it lives and is ready', async () => {
    let ready = false
    const server = await serveOne(thingsServlet, { ready: () => ready })
    const get = (target: string, method = 'GET') => once(server.port, request(method, target), method)
    expect(await get('/-/live')).toMatchObject({ status: 200, body: '{"status":"live"}' })
    expect(await get('/-/ready')).toMatchObject({
      status: 503,
      body: '{"code":"unavailable","message":"not ready"}',
    })
    ready = true
    expect(await get('/-/ready')).toMatchObject({ status: 200, body: '{"status":"ready"}' })
    expect((await get('/-/ready', 'HEAD')).status).toBe(200)
    expect((await get('/-/ready', 'POST')).headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    for (const target of ['/-/', '/-/env', '/-/ready/', '/-']) expect((await get(target)).status).toBe(404)
    await server.close()
  })
})

describe('servlets that come and go', () => {
  const greeter = servlet(
    contract('greeter', { greet: endpoint({ route: 'GET /greet', access: 'public' }) }),
    {
      greet: async () => {},
    },
  )
  const rude = servlet(contract('rude', { greet: endpoint({ route: 'GET /greet', access: 'public' }) }), {
    greet: async () => {},
  })
  const fields = servlet(
    contract('fields', {
      one: endpoint({ route: 'GET /x/{a}', access: 'public', input: z.object({ a: z.string() }) }),
    }),
    { one: async () => {} },
  )
  const sameFields = servlet(
    contract('same-fields', {
      one: endpoint({ route: 'GET /x/{b}', access: 'public', input: z.object({ b: z.string() }) }),
    }),
    { one: async () => {} },
  )

  it('are served after a refresh', async () => {
    const instances: Instance[] = []
    const server = await serve({ instances: () => instances })
    const status = async () => (await once(server.port, request('GET', '/greet'))).status
    expect(await status()).toBe(404)
    instances.push(await start(greeter))
    expect(await status()).toBe(404)
    server.refresh()
    expect(await status()).toBe(200)
    instances.pop()
    server.refresh()
    expect(await status()).toBe(404)
    await server.close()
  })

  it('cannot have the same route, and the first ones stay', async () => {
    const instances = [await start(greeter)]
    const server = await serve({ instances: () => instances })
    instances.push(await start(rude))
    expect(() => server.refresh()).toThrow(/rude.greet and greeter.greet both claim GET \/greet; change one/)
    expect((await once(server.port, request('GET', '/greet'))).status).toBe(200)
    await server.close()
    await expect(serve({ instances: () => instances })).rejects.toMatchObject({ code: 'failed_precondition' })
  })

  it('cannot have routes that differ in the names of fields only', async () => {
    const instances = [await start(fields), await start(sameFields)]
    await expect(serve({ instances: () => instances })).rejects.toThrow(/both claim GET \/x\/\{\}/)
  })
})

describe('a port that cannot be had', () => {
  it('is an error with a remedy', async () => {
    const taken = await takePort()
    await expect(serve({ instances: () => [], port: taken.port })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: `127.0.0.1:${taken.port} is in use by another process; stop it, or choose another port (0 takes any that is free)`,
    })
    await taken.release()
  })

  it('is an error for a host of another machine', async () => {
    await expect(serve({ instances: () => [], host: '192.0.2.1' })).rejects.toThrow(
      /is no address of this machine/,
    )
  })
})
