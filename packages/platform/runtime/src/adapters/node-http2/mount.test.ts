import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants as http2 } from 'node:http2'
import { setTimeout as wait } from 'node:timers/promises'
import { contract, endpoint } from '@atlas/contract'
import { type Mount, node, servlet, web } from '@atlas/sdk'
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { answerOf, ask, Http2Client } from '../../fixtures/http2-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { RequestLog } from '../../request-log.ts'
import type { ServeOptions, Server } from '../../serve.ts'

const open = { access: 'public' } as const
const shop = contract('shop', { price: endpoint({ route: 'GET /shop/price', access: 'public' }) })

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function mounted(app: Mount, options: Omit<ServeOptions, 'instances'> = {}): Promise<Server> {
  const server = await serveOne(servlet(shop, { mount: { '/app': app } }, { price: async () => {} }), options)
  closing.push(() => server.close({ graceMs: 0 }))
  return server
}

async function connect({ url }: Server): Promise<Http2Client> {
  const client = await Http2Client.connect(url)
  closing.push(() => client.close())
  return client
}

const json = { 'content-type': 'application/json' }

describe('over HTTP/2 a mounted app may be', () => {
  it('Express', async () => {
    const app = express()
    app.use(express.json())
    app.get('/cats/:name', (request, response) => {
      response.cookie('a', '1').cookie('b', '2')
      response.json({ ...request.params, query: request.query, host: request.hostname, ip: request.ip })
    })
    app.post('/cats', (request, response) => response.status(201).json({ made: request.body }))
    app.put('/content', async (request, response) => {
      let sizeBytes = 0
      for await (const chunk of request) sizeBytes += chunk.length
      response.send({ sizeBytes })
    })
    app.get('/old', (_request, response) => response.redirect('/app/cats/tom'))
    app.get('/broken', () => {
      throw new Error('password=hunter2')
    })
    const client = await connect(await mounted(node(() => app, open)))
    const { status, headers, body } = await client.ask('GET', '/app/cats/t%20m?a=1')
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { name: 't m', query: { a: '1' }, host: '127.0.0.1', ip: '127.0.0.1' },
    ])
    expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; Path=/'])
    expect(headers).not.toHaveProperty('connection')
    expect(await client.ask('POST', '/app/cats', json, '{"name":"tom"}')).toMatchObject({
      status: 201,
      body: '{"made":{"name":"tom"}}',
    })
    expect((await client.ask('PUT', '/app/content', {}, Buffer.alloc(9_000_000))).body).toBe(
      '{"sizeBytes":9000000}',
    )
    expect(await client.ask('GET', '/app/old')).toMatchObject({
      status: 302,
      headers: { location: '/app/cats/tom' },
    })
    expect((await client.ask('HEAD', '/app/cats/tom')).body).toBe('')
    expect((await client.ask('GET', '/app/nowhere')).status).toBe(404)
    expect((await client.ask('GET', '/app/broken')).status).toBe(500)
    expect((await client.ask('GET', '/shop/price')).status).toBe(200)
  })

  it('Fastify', async () => {
    const app = Fastify()
    app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
    app.get('/cats/:name', async ({ params, hostname }) => ({ params, hostname }))
    app.post('/cats', async ({ body }, reply) => reply.code(201).send({ made: body }))
    app.put('/content', async ({ body }) => {
      let sizeBytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) sizeBytes += chunk.length
      return { sizeBytes }
    })
    const client = await connect(await mounted(node(() => app, open)))
    expect((await client.ask('GET', '/app/cats/tom')).body).toBe(
      '{"params":{"name":"tom"},"hostname":"127.0.0.1"}',
    )
    expect((await client.ask('POST', '/app/cats', json, '{"name":"tom"}')).body).toBe(
      '{"made":{"name":"tom"}}',
    )
    expect((await client.ask('POST', '/app/cats', json, '{')).status).toBe(400)
    const upload = await client.ask(
      'PUT',
      '/app/content',
      { 'content-type': 'application/octet-stream' },
      Buffer.alloc(9_000_000),
    )
    expect(upload.body).toBe('{"sizeBytes":9000000}')
  })

  it('NestJS', async () => {
    class Cats {
      get(name: string) {
        return { name }
      }
      make(body: object) {
        return { made: body }
      }
    }
    // By hand: TypeScript that Node can run has no decorators.
    Controller('cats')(Cats)
    Get(':name')(Cats.prototype, 'get', Object.getOwnPropertyDescriptor(Cats.prototype, 'get')!)
    Param('name')(Cats.prototype, 'get', 0)
    Post()(Cats.prototype, 'make', Object.getOwnPropertyDescriptor(Cats.prototype, 'make')!)
    Body()(Cats.prototype, 'make', 0)
    class App {}
    Module({ controllers: [Cats] })(App)
    const client = await connect(
      await mounted(node(async () => (await NestFactory.create(App, { logger: false })) as never, open)),
    )
    expect((await client.ask('GET', '/app/cats/tom')).body).toBe('{"name":"tom"}')
    expect(await client.ask('POST', '/app/cats', json, '{"name":"tom"}')).toMatchObject({
      status: 201,
      body: '{"made":{"name":"tom"}}',
    })
  })

  it('Hono', async () => {
    const app = new Hono().basePath('/app')
    app.get('/where', (context) => context.text(context.req.url))
    app.put('/content', async (context) => {
      let sizeBytes = 0
      for await (const chunk of context.req.raw.body!) sizeBytes += chunk.byteLength
      return context.json({ sizeBytes })
    })
    const server = await mounted(web(app, open))
    const client = await connect(server)
    expect((await client.ask('GET', '/app/where?a=1')).body).toBe(`${server.url}/app/where?a=1`)
    expect((await client.ask('PUT', '/app/content', {}, Buffer.alloc(9_000_000))).body).toBe(
      '{"sizeBytes":9000000}',
    )
  })
})

describe('over HTTP/2 a mounted app', () => {
  it('gets an upload and gives an answer as they come', async () => {
    const echo = node(() => (request, response) => void request.pipe(response), open)
    const client = await connect(await mounted(echo))
    const stream = client.open('POST', '/app', {}, true)
    for (const text of ['one', 'two', 'three']) {
      stream.write(text)
      expect(String((await once(stream, 'data'))[0])).toBe(text)
    }
    stream.end()
    await once(stream, 'end')
  })

  it('is held back by a client that reads slowly, and holds back one that sends fast', async () => {
    let written = 0
    let read = 0
    const app = node(
      () => async (request, response) => {
        if (request.method === 'POST')
          return void request.once('data', (chunk) => {
            read += chunk.length
            request.pause()
          })
        for (; written < 1000; written++)
          if (!response.write(Buffer.alloc(65_536))) await once(response, 'drain')
        response.end()
      },
      open,
    )
    const client = await connect(await mounted(app))
    client.open('GET', '/app')
    const upload = client.open('POST', '/app', {}, true)
    let sent = 0
    for (let n = 0; n < 1000; n++) upload.write(Buffer.alloc(65_536), () => sent++)
    await wait(500)
    expect(written).toBeLessThan(100)
    expect([read > 0, sent < 100]).toEqual([true, true])
  })

  it('sees neither the headers of the connection nor a length that is not so', async () => {
    const app = node(() => (request, response) => response.end(JSON.stringify(request.headers)), open)
    const client = await connect(await mounted(app))
    const bare = { host: expect.stringMatching(/^127/) }
    expect(JSON.parse((await client.ask('GET', '/app', { te: 'trailers', 'x-a': 'b' })).body)).toEqual({
      ...bare,
      'x-a': 'b',
    })
    expect(JSON.parse((await client.ask('POST', '/app', { cookie: ['a=1', 'b=2'] }, 'body')).body)).toEqual({
      ...bare,
      cookie: 'a=1; b=2',
      'transfer-encoding': 'chunked',
    })
    expect(JSON.parse((await client.ask('GET', '/app', { 'content-length': '4' }, 'body')).body)).toEqual({
      ...bare,
      'content-length': '4',
    })
  })

  it('may say whatever it likes about its connection', async () => {
    const app = node(
      () => (_request, response) => {
        response.setHeader('connection', 'keep-alive, x-private')
        response.setHeader('keep-alive', 'timeout=5')
        response.setHeader('x-private', 'a')
        response.setHeader('upgrade', 'h2c')
        response.setHeader('x-public', 'b')
        response.end('done')
      },
      open,
    )
    const { headers, body } = await ask((await mounted(app)).url, 'GET', '/app')
    expect(body).toBe('done')
    expect(Object.keys(headers).toSorted()).toEqual([':status', 'content-length', 'date', 'x-public'])
  })

  it.each([204, 304])('may answer %d', async (status) => {
    const app = node(() => (_request, response) => response.writeHead(status).end(), open)
    expect(await ask((await mounted(app)).url, 'GET', '/app')).toMatchObject({ status, body: '', reset: 0 })
  })

  it('may give hints before its answer and trailers after it', async () => {
    const app = node(
      () => (_request, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' })
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('body')
        response.addTrailers({ 'x-sum': '7' })
        response.end()
      },
      open,
    )
    const client = await connect(await mounted(app))
    const stream = client.open('GET', '/app')
    const answer = answerOf(stream)
    const [hints] = await once(stream, 'headers')
    expect(hints).toMatchObject({ ':status': 103, link: '</style.css>; rel=preload' })
    expect(await answer).toMatchObject({ status: 200, body: 'body', trailers: { 'x-sum': '7' } })
  })

  it('gets bodies from clients that wait to be told so', async () => {
    const client = await connect(
      await mounted(node(() => (request, response) => void request.pipe(response), open)),
    )
    const stream = client.open('POST', '/app', { expect: '100-continue' }, true)
    const answer = answerOf(stream)
    stream.once('continue', () => stream.end('hello'))
    expect((await answer).body).toBe('hello')
  })

  it('may answer before it has read everything', async () => {
    const client = await connect(
      await mounted(node(() => (_request, response) => response.writeHead(413).end('no'), open)),
    )
    const stream = client.open('PUT', '/app', {}, true)
    const answer = answerOf(stream)
    for (let n = 0; n < 100; n++) stream.write(Buffer.alloc(65_536))
    expect(await answer).toMatchObject({ status: 413, body: 'no' })
    expect((await client.ask('GET', '/shop/price')).status).toBe(200)
  })

  it.each<[string, Mount]>([
    [
      'throws',
      node(
        () => () => {
          throw new Error('password=hunter2')
        },
        open,
      ),
    ],
    ['rejects', node(() => async () => Promise.reject(new Error('password=hunter2')), open)],
    ['closes its connection', node(() => (request) => void request.socket.destroy(), open)],
  ])('that %s answers an internal error', async (_name, app) => {
    expect(await ask((await mounted(app)).url, 'GET', '/app')).toMatchObject({
      status: 500,
      body: '{"code":"internal","message":"internal error"}',
    })
  })

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'throws',
      () => {
        throw new Error('password=hunter2')
      },
    ],
    ['closes its connection', (response) => void response.destroy()],
    ['sends less than it announced', (response) => void response.socket!.end()],
  ])('that %s after it began is broken off', async (_name, fail) => {
    const log: RequestLog[] = []
    const app = node(
      () => async (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('begun')
        await wait(20)
        fail(response)
      },
      open,
    )
    const server = await mounted(app, {
      onRequest: (entry) => {
        log.push(entry)
      },
    })
    expect(await ask(server.url, 'GET', '/app')).toMatchObject({
      status: 200,
      body: 'begun',
      reset: http2.NGHTTP2_INTERNAL_ERROR,
    })
    await expect.poll(() => log).toMatchObject([{ servlet: 'shop', endpoint: undefined, status: 200 }])
    expect(log[0]!.error).toBeDefined()
  })

  it('gets each of many requests whole, and gives each its own answer', async () => {
    const app = express()
    app.use(express.raw({ type: () => true, limit: '1mb' }))
    app.all('/{*rest}', async (request, response) => {
      await wait(Math.random() * 5)
      const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (request.query.how === 'whole') return void response.send(body)
      for (let at = 0; at < body.byteLength; at += 10_000) response.write(body.subarray(at, at + 10_000))
      response.end()
    })
    const client = await connect(await mounted(node(() => app, open)))
    for (let round = 0; round < 5; round++)
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          const text = `${round}:${n}:`.padEnd((n * 977) % 60_000, 'x')
          const how = n % 2 ? 'whole' : 'parts'
          const headers = n % 3 ? {} : { 'content-length': String(text.length) }
          expect((await client.ask('POST', `/app/${n}?how=${how}`, headers, text)).body).toBe(text)
        }),
      )
  })

  it('is not bothered with what HTTP/1.1 has no words for', async () => {
    let entered = 0
    const app = node(
      () => (_request, response) => {
        entered++
        response.end()
      },
      open,
    )
    const client = await connect(await mounted(app))
    for (const method of ['NONSENSE', '__proto__'])
      expect((await client.ask(method, '/app')).status).toBe(400)
    expect((await client.ask('GET', '/app', { cookie: 'x'.repeat(16_000) })).status).toBe(200)
    expect(entered).toBe(1)
  })

  it('is let finish when the server closes', async () => {
    let finish = () => {}
    const app = node(
      () => (_request, response) => {
        finish = () => response.end('done')
      },
      open,
    )
    const server = await mounted(app)
    const client = await connect(server)
    const answer = client.ask('GET', '/app')
    await wait(50)
    const closed = server.close()
    await wait(200)
    finish()
    expect((await answer).body).toBe('done')
    await closed
  })

  it('hears that its caller went away', async () => {
    const events: string[] = []
    const app = node(
      () => (request, response) => {
        events.push('began')
        request.once('close', () => events.push('request closed'))
        response.once('close', () => events.push('response closed'))
      },
      open,
    )
    const client = await connect(await mounted(app))
    const stream = client.open('GET', '/app')
    await expect.poll(() => events).toEqual(['began'])
    stream.close(http2.NGHTTP2_CANCEL)
    await expect.poll(() => events.toSorted()).toEqual(['began', 'request closed', 'response closed'])
  })
})

it('the reason for all this: Express on the look-alikes of node:http2 ends its process', async () => {
  const script = `
    import express from 'express'
    import { createServer, connect } from 'node:http2'
    const app = express()
    app.get('/', (request, response) => response.send('hello'))
    const server = createServer(app).listen(0, () => {
      const session = connect('http://localhost:' + server.address().port)
      session.on('error', () => {})
      const stream = session.request({ ':path': '/' })
      stream.on('response', (headers) => process.exit(headers[':status'] === 200 ? 0 : 3))
      stream.on('error', () => {})
    })
    setTimeout(() => process.exit(4), 5000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: 'ignore',
  })
  const [code] = await once(child, 'exit')
  expect(code).toBe(1)
})
