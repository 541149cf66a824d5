import 'reflect-metadata'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, endpoint } from '@atlas/contract'
import { type Mount, node, servlet, web } from '@atlas/sdk'
import { Controller, Get, Module, Param, Post, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { request } from '../../fixtures/http-request.ts'
import { once, RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { RequestLog } from '../../request-log.ts'
import type { ServeOptions, Server } from '../../serve.ts'

const shop = contract('shop', {
  price: endpoint({
    route: 'GET /shop/price/{id}',
    access: 'public',
    input: z.object({ id: z.string() }),
    output: z.object({ price: z.number() }),
  }),
})

const servers: Server[] = []
async function mounted(mount: Record<`/${string}`, Mount>, options: Omit<ServeOptions, 'instances'> = {}) {
  const server = await serveOne(servlet(shop, { mount }, { price: async () => ({ price: 1 }) }), options)
  servers.push(server)
  return server
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close({ graceMs: 0 })
})

const open = { access: 'public' } as const

describe('Express under a prefix', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-mount-'))
    await mkdir(join(folder, 'docs'))
    await writeFile(join(folder, 'docs/index.html'), '<h1>docs</h1>')
    await writeFile(join(folder, 'big.txt'), 'x'.repeat(1_000_000))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function serveExpress() {
    const app = express()
    app.get('/where', (request, response) => {
      const { url, baseUrl, originalUrl, path, query } = request
      response.json({ url, baseUrl, originalUrl, path, query })
    })
    app.get('/away', (_request, response) => response.redirect('here'))
    app.post('/json', express.json(), (request, response) => void response.json(request.body))
    app.post('/count', async (request, response) => {
      let sizeBytes = 0
      for await (const chunk of request) sizeBytes += chunk.length
      response.json({ sizeBytes })
    })
    const inner = express.Router()
    inner.get('/where', (request, response) => void response.json([request.baseUrl, request.url]))
    app.use('/inner', inner)
    app.get('/crash', () => {
      throw new Error('password=hunter2')
    })
    app.use(express.static(folder))
    app.get('/', (_request, response) => void response.send('root'))
    app.use((_error: unknown, _request: express.Request, response: express.Response, _next: () => void) => {
      response.status(500).send('handled')
    })
    return mounted({ '/legacy/app': node(() => app, open) })
  }

  it('sees the path below the prefix, and the rest beside it', async () => {
    const { url } = await serveExpress()
    expect(await (await fetch(`${url}/legacy/app/where?a=%20b`)).json()).toEqual({
      url: '/where?a=%20b',
      baseUrl: '/legacy/app',
      originalUrl: '/legacy/app/where?a=%20b',
      path: '/where',
      query: { a: ' b' },
    })
    expect(await (await fetch(`${url}/legacy/app/inner/where?x`)).json()).toEqual([
      '/legacy/app/inner',
      '/where?x',
    ])
    expect(await (await fetch(`${url}/legacy/app`)).text()).toBe('root')
    expect(await (await fetch(`${url}/legacy/app?x=1`)).text()).toBe('root')
    expect((await fetch(`${url}/legacy/application`)).status).toBe(404)
    expect((await fetch(`${url}/legacy`)).status).toBe(404)
  })

  it('redirects below the prefix, and sends files', async () => {
    const { url } = await serveExpress()
    const redirect = await fetch(`${url}/legacy/app/docs`, { redirect: 'manual' })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([301, '/legacy/app/docs/'])
    expect(await (await fetch(`${url}/legacy/app/docs`)).text()).toBe('<h1>docs</h1>')
    const relative = await fetch(`${url}/legacy/app/away`, { redirect: 'manual' })
    expect([relative.status, relative.headers.get('location')]).toEqual([302, 'here'])
    const big = await fetch(`${url}/legacy/app/big.txt`)
    expect([big.headers.get('content-length'), (await big.text()).length]).toEqual(['1000000', 1_000_000])
    const part = await fetch(`${url}/legacy/app/big.txt`, { headers: { range: 'bytes=0-9' } })
    expect([part.status, await part.text()]).toEqual([206, 'xxxxxxxxxx'])
  })

  it('reads bodies with its own parsers, and as they arrive', async () => {
    const { url } = await serveExpress()
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":[1]}' }
    expect(await (await fetch(`${url}/legacy/app/json`, json)).json()).toEqual({ a: [1] })
    const body = ReadableStream.from(Array(100).fill(new Uint8Array(100_000)))
    const upload = await fetch(`${url}/legacy/app/count`, {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    expect(await upload.json()).toEqual({ sizeBytes: 10_000_000 })
  })

  it('handles its own errors', async () => {
    const { url } = await serveExpress()
    const crash = await fetch(`${url}/legacy/app/crash`)
    expect([crash.status, await crash.text()]).toEqual([500, 'handled'])
  })
})

describe('other frameworks under a prefix', () => {
  it('Fastify', async () => {
    const app = Fastify()
    app.get<{ Params: { id: string } }>('/things/:id', async (request) => ({
      id: request.params.id,
      url: request.url,
      originalUrl: request.originalUrl,
    }))
    app.post('/echo', async (request) => request.body)
    const { url } = await mounted({ '/fast': node(() => app as never, open) })
    expect(await (await fetch(`${url}/fast/things/a%20b?x=1`)).json()).toEqual({
      id: 'a b',
      url: '/things/a%20b?x=1',
      originalUrl: '/fast/things/a%20b?x=1',
    })
    const echo = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
    expect(await (await fetch(`${url}/fast/echo`, echo)).json()).toEqual({ a: 1 })
    expect((await fetch(`${url}/fast/nowhere`)).status).toBe(404)
  })

  it('NestJS', async () => {
    class Cats {
      one(id: string): object {
        return { id }
      }
      make(request: express.Request): object {
        return { made: request.body, baseUrl: request.baseUrl }
      }
    }
    // What the decorators of NestJS do, written so that Node runs it as it is.
    const { prototype } = Cats
    Controller('cats')(Cats)
    Get(':id')(prototype, 'one', Object.getOwnPropertyDescriptor(prototype, 'one')!)
    Param('id')(prototype, 'one', 0)
    Post()(prototype, 'make', Object.getOwnPropertyDescriptor(prototype, 'make')!)
    Req()(prototype, 'make', 0)
    class App {}
    Module({ controllers: [Cats] })(App)
    const { url } = await mounted({
      '/nest': node(async () => (await NestFactory.create(App, { logger: false })) as never, open),
    })
    expect(await (await fetch(`${url}/nest/cats/tom`)).json()).toEqual({ id: 'tom' })
    const made = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"tom"}' }
    expect(await (await fetch(`${url}/nest/cats`, made)).json()).toEqual({
      made: { name: 'tom' },
      baseUrl: '/nest',
    })
    expect((await fetch(`${url}/nest/dogs`)).status).toBe(404)
  })

  it('Hono, which sees the whole URL', async () => {
    const app = new Hono().basePath('/hono')
    app.get('/where', (context) => context.text(context.req.url))
    app.post('/count', async (context) => {
      let sizeBytes = 0
      for await (const chunk of context.req.raw.body!) sizeBytes += chunk.byteLength
      return context.json({ sizeBytes })
    })
    app.get('/stream', () => new Response(ReadableStream.from([new Uint8Array([97]), new Uint8Array([98])])))
    const { url } = await mounted({ '/hono': web(app, open) })
    expect(await (await fetch(`${url}/hono/where?a=1`)).text()).toBe(`${url}/hono/where?a=1`)
    expect(await (await fetch(`${url}/hono/stream`)).text()).toBe('ab')
    const body = ReadableStream.from(Array(100).fill(new Uint8Array(100_000)))
    const upload = await fetch(`${url}/hono/count`, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await upload.json()).toEqual({ sizeBytes: 10_000_000 })
  })

  it('a plain handler of Node', async () => {
    const { url } = await mounted({
      '/plain': node(() => (request, response) => response.end(`${request.method} ${request.url}`), open),
    })
    expect(await (await fetch(`${url}/plain/a/b`, { method: 'DELETE' })).text()).toBe('DELETE /a/b')
    expect(await (await fetch(`${url}/plain`, { method: 'OPTIONS' })).text()).toBe('OPTIONS /')
  })
})

describe('a mount', () => {
  const who = (name: string) => node(() => (_request, response) => response.end(name), open)

  it('with the longest prefix wins, and endpoints win over mounts', async () => {
    const { url } = await mounted({ '/shop': who('shop'), '/shop/price/list': who('list') })
    const text = async (path: string, method = 'GET') => (await fetch(`${url}${path}`, { method })).text()
    expect(await text('/shop/x')).toBe('shop')
    expect(await text('/shop/price/list')).toBe('{"price":1}')
    expect(await text('/shop/price/list/all')).toBe('list')
    expect(await text('/shop/price/7')).toBe('{"price":1}')
    expect(await text('/shop/price/7', 'POST')).toBe('shop')
  })

  it.each(['internal', 'user'] as const)('for access %s lets nobody else in', async (access) => {
    let entered = 0
    const app = node(
      () => (_request, response) => {
        entered++
        response.end('in')
      },
      { access },
    )
    const authenticate = async () => ({ id: 'ada' })
    const outside = await mounted({ '/app': app }, { authenticate })
    const inside = await mounted({ '/app': app }, { authenticate, listener: 'internal' })
    const status = async ({ port }: Server, headers = {}) =>
      (await once(port, request('GET', '/app', headers))).status
    expect(await status(outside)).toBe(access === 'user' ? 401 : 403)
    expect(entered).toBe(0)
    expect(await status(outside, { authorization: 'Bearer x' })).toBe(access === 'user' ? 200 : 403)
    expect(await status(inside)).toBe(access === 'user' ? 401 : 200)
  })

  it('keeps its own authorization where ours is not asked for', async () => {
    const { port } = await mounted(
      { '/app': node(() => (request, response) => response.end(request.headers.authorization), open) },
      {
        authenticate: async () => {
          throw new Error('must not be asked')
        },
      },
    )
    expect((await once(port, request('GET', '/app', { authorization: 'Bearer own' }))).body).toBe(
      'Bearer own',
    )
  })

  it.each<[string, Mount]>([
    [
      'throws',
      node(
        () => (_request, response) => {
          response.setHeader('content-encoding', 'gzip')
          throw new Error('password=hunter2')
        },
        open,
      ),
    ],
    ['rejects', node(() => async () => Promise.reject(new Error('password=hunter2')), open)],
    ['rejects as a web handler', web(async () => Promise.reject(new Error('password=hunter2')), open)],
  ])('that %s answers an internal error', async (_name, mount) => {
    const { port } = await mounted({ '/app': mount })
    const { status, headers, body } = await once(port, request('GET', '/app'))
    expect([status, body]).toEqual([500, '{"code":"internal","message":"internal error"}'])
    expect(headers.has('content-encoding')).toBe(false)
  })

  it('that throws after it began breaks the connection', async () => {
    const log: RequestLog[] = []
    const { port } = await mounted(
      {
        '/app': node(
          () => (_request, response) => {
            response.write('begun')
            throw new Error('password=hunter2')
          },
          open,
        ),
      },
      {
        onRequest: (entry) => {
          log.push(entry)
        },
      },
    )
    const client = await RawClient.connect(port)
    expect(await client.send(request('GET', '/app')).rest()).not.toContain('hunter2')
    await expect.poll(() => log).toMatchObject([{ servlet: 'shop', endpoint: undefined, status: 200 }])
    expect(log[0]!.error?.cause).toMatchObject({ message: 'password=hunter2' })
  })

  it('gets bodies from clients that wait to be told so', async () => {
    const { port } = await mounted({
      '/app': node(() => (request, response) => request.pipe(response), open),
    })
    const client = await RawClient.connect(port)
    client.send(request('POST', '/app', { expect: '100-continue', 'content-length': '5' }))
    expect((await client.answer()).status).toBe(100)
    expect((await client.send('hello').answer()).body).toBe('hello')
    client.close()
  })

  it('is let finish when the server closes', async () => {
    let finish = () => {}
    const server = await mounted({
      '/app': node(
        () => (_request, response) => {
          finish = () => response.end('done')
        },
        open,
      ),
    })
    const client = await RawClient.connect(server.port)
    client.send(request('GET', '/app'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closed = server.close()
    finish()
    const { headers, body } = await client.answer()
    expect([headers.get('connection'), body]).toEqual(['close', 'done'])
    await closed
  })
})

it('a server of node:http and one of ours give a mounted app the same', async () => {
  const app = express()
  app.all('/{*rest}', express.text({ type: '*/*' }), (request, response) => {
    const { method, url, headers, body, hostname } = request
    response.json({ method, url, hostname, body, type: headers['content-type'] })
  })
  const plain = createServer(app)
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  const { port } = await mounted({ '/app': node(() => app, open) })
  const ask = (target: string) => request('PATCH', target, { 'content-type': 'text/x' }, 'body')
  const [theirs, ours] = await Promise.all([
    once((plain.address() as { port: number }).port, ask('/x/%2F?y=%20')),
    once(port, ask('/app/x/%2F?y=%20')),
  ])
  expect(ours.body).toBe(theirs.body)
  expect(ours.headers.get('etag')).toBe(theirs.headers.get('etag'))
  plain.close()
})
