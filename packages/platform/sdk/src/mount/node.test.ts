import 'reflect-metadata'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  Body,
  Controller,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  Param,
  Post,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import fastify from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { LoadedMount } from './mount.ts'
import { type NodeApp, node } from './node.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Serves a loaded app as the platform does: on a server of the platform's own. */
async function serve(app: LoadedMount): Promise<string> {
  if (app.kind !== 'node') throw new TypeError('not a Node app')
  const server = createServer(app.handle as RequestListener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function post(url: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', connection: 'close' }
  return (await fetch(`${url}/echo/ada`, { method: 'POST', headers, body: '{"n":1}' })).json()
}

const answer = { name: 'ada', n: 1 }

test('an Express app answers', async () => {
  const app = express()
  app.use(express.json())
  app.post(
    '/echo/:name',
    (request, response) => void response.json({ name: request.params.name, ...request.body }),
  )
  const loaded = await node(() => app).load()
  expect(await post(await serve(loaded))).toEqual(answer)
  await loaded.close()
})

test('a bare function answers', async () => {
  const loaded = await node(async () => async (request: IncomingMessage, response) => {
    const body = JSON.parse((await request.toArray()).join(''))
    response.end(JSON.stringify({ name: request.url?.split('/').at(-1), ...body }))
  }).load()
  expect(await post(await serve(loaded))).toEqual(answer)
})

describe('a Fastify app', () => {
  test('answers once it is ready, and closes with its hooks', async () => {
    const log: string[] = []
    const loaded = await node(async () => {
      const app = fastify()
      app.addHook('onReady', async () => void log.push('ready'))
      app.addHook('onClose', async () => void log.push('closed'))
      app.post<{ Params: { name: string }; Body: { n: number } }>('/echo/:name', async (request) => ({
        name: request.params.name,
        ...request.body,
      }))
      return app
    }).load()
    expect(log).toEqual(['ready'])
    expect(await post(await serve(loaded))).toEqual(answer)
    await loaded.close()
    expect(log).toEqual(['ready', 'closed'])
  })

  test('that does not get ready is closed, and says why', async () => {
    const closed = vi.fn(async () => {})
    const load = node(() => {
      const app = fastify()
      app.addHook('onClose', closed)
      app.register(async () => {
        throw new Error('no database')
      })
      return app
    }).load()
    await expect(load).rejects.toThrow('no database')
    expect(closed).toHaveBeenCalledOnce()
  })
})

describe('a NestJS app', () => {
  class Teardown implements OnModuleInit, OnModuleDestroy {
    readonly destroyed = vi.fn()
    onModuleInit() {}
    onModuleDestroy() {
      this.destroyed()
    }
  }

  class Echo {
    echo(name: string, body: object) {
      return { name, ...body }
    }
  }
  // By hand: TypeScript that Node can run has no decorators.
  const method = Object.getOwnPropertyDescriptor(Echo.prototype, 'echo')!
  Controller('echo')(Echo)
  Post(':name')(Echo.prototype, 'echo', method)
  Param('name')(Echo.prototype, 'echo', 0)
  Body()(Echo.prototype, 'echo', 1)

  async function nest(teardown: Teardown) {
    class AppModule {}
    Module({ controllers: [Echo], providers: [{ provide: Teardown, useValue: teardown }] })(AppModule)
    return NestFactory.create(AppModule, { logger: false })
  }

  test.for([
    ['is made ready', false],
    ['is ready already', true],
  ] as const)('that %s answers, and closes with its hooks', async ([, ready]) => {
    const teardown = new Teardown()
    const loaded = await node(async () => {
      const app = await nest(teardown)
      return ready ? app.init() : app
    }).load()
    expect(await post(await serve(loaded))).toEqual(answer)
    expect(teardown.destroyed).not.toHaveBeenCalled()
    await loaded.close()
    expect(teardown.destroyed).toHaveBeenCalledOnce()
  })

  test('that does not get ready is closed', async () => {
    const teardown = new Teardown()
    const load = node(async () => {
      teardown.onModuleInit = () => {
        throw new Error('no database')
      }
      return nest(teardown)
    }).load()
    await expect(load).rejects.toThrow('no database')
    expect(teardown.destroyed).toHaveBeenCalledOnce()
  })
})

test.for<[unknown, string]>([
  [undefined, 'nothing'],
  [null, 'nothing'],
  ['app', 'a string'],
  [{}, 'an object without a handler (Object)'],
  [createServer(), 'a server'],
  [{ callback: () => {}, use: () => {} }, 'a Koa app, whose handler is app.callback()'],
])('a value of %o is refused when it is loaded', async ([value, kind]) => {
  const load = node(() => value as NodeApp).load()
  await expect(load).rejects.toThrow(
    `node() was given ${kind}; return an Express app, a Fastify or NestJS app, or a function (request, response)`,
  )
})

test('what the function throws, load throws', async () => {
  const load = node(() => Promise.reject(new Error('cannot be made'))).load()
  await expect(load).rejects.toThrow('cannot be made')
})

test('the app is made when it is loaded, not before; it is internal unless it says otherwise', async () => {
  const make = vi.fn(() => () => {})
  const mount = node(make)
  expect(mount).toMatchObject({ kind: 'node', access: 'internal', openapi: undefined })
  expect(make).not.toHaveBeenCalled()
  expect(node(make, { access: 'public', openapi: 'legacy.json' })).toMatchObject({
    access: 'public',
    openapi: 'legacy.json',
  })
})
