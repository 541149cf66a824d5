import { setTimeout as wait } from 'node:timers/promises'
import { AtlasError, bytes, contract, endpoint, stream } from '@atlas/contract'
import { node, servlet } from '@atlas/sdk'
import express from 'express'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { attacks } from '../../fixtures/http2-attacks.ts'
import { ask } from '../../fixtures/http2-client.ts'
import { RawHttp2 } from '../../fixtures/http2-raw.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { RequestLog } from '../../request-log.ts'

const target = contract('target', {
  json: endpoint({
    route: 'POST /json/{id}',
    access: 'public',
    grpc: false,
    input: z.object({ id: z.string(), text: z.string().optional(), any: z.json().optional() }),
    output: z.object({ any: z.json().optional() }),
  }),
  text: endpoint({
    route: 'GET /text/{id}',
    access: 'public',
    input: z.object({ id: z.string(), n: z.number().optional() }),
    output: z.object({ id: z.string() }),
  }),
  rest: endpoint({
    route: 'DELETE /rest/{path*}',
    access: 'public',
    input: z.object({ path: z.string() }),
    output: z.object({ path: z.string() }),
  }),
  upload: endpoint({
    route: 'PUT /content',
    access: 'public',
    body: bytes({ maxBytes: 10_000 }),
    output: z.object({ sizeBytes: z.int() }),
  }),
  items: endpoint({
    route: 'GET /items',
    access: 'public',
    input: z.object({ n: z.int().max(3).default(2) }),
    output: stream(z.object({ n: z.int() })),
  }),
  mine: endpoint({ route: 'GET /mine', access: 'user' }),
  secret: endpoint({ route: 'POST /secret' }),
})

const app = express()
app.use(express.text({ type: () => true, limit: 1000 }))
app.all('/x', (request, response) => void response.json({ got: request.body ?? null }))

const targetServlet = servlet(
  target,
  { mount: { '/app': node(() => app, { access: 'public' }) } },
  {
    json: async ({ any }) => ({ any }),
    text: async ({ id }) => ({ id }),
    rest: async ({ path }) => ({ path }),
    upload: async ({ body }) => {
      let sizeBytes = 0
      for await (const chunk of body) sizeBytes += chunk.byteLength
      return { sizeBytes }
    },
    items: async function* ({ n }) {
      for (let i = 0; i < n; i++) yield { n: i }
    },
    mine: async () => {},
    secret: async () => {},
  },
)

const connections = 10_000
const atOnce = 20

it('malformed HTTP/2 does not crash, is never our fault, and leaves nothing behind', {
  timeout: 120_000,
}, async () => {
  const log: RequestLog[] = []
  const server = await serveOne(targetServlet, {
    // After some mistakes Node reads nothing more of a connection, and only its silence ends it.
    limits: { stallTimeoutMs: 1000, jsonBodyTimeoutMs: 1000 },
    onRequest: (entry) => {
      log.push(entry)
    },
    authenticate: async () => {
      throw new AtlasError('unauthenticated', 'no such session')
    },
  })
  const all = fc.sample(attacks, { numRuns: connections, seed: 7 })
  let heapBytes = 0
  for (let first = 0; first < all.length; first += atOnce) {
    await Promise.all(
      all.slice(first, first + atOnce).map(async (attack) => {
        const client = await RawHttp2.connect(server.port)
        for (const bytes of attack) {
          await client.send(bytes)
          await wait(1)
        }
        client.close()
      }),
    )
    if (first % 500 === 0) expect((await ask(server.url, 'GET', '/text/a')).body).toBe('{"id":"a"}')
    if (first === all.length / 2) heapBytes = process.memoryUsage().heapUsed
  }
  expect((await ask(server.url, 'GET', '/text/a')).body).toBe('{"id":"a"}')
  expect(process.memoryUsage().heapUsed - heapBytes).toBeLessThan(100 * 1024 * 1024)
  await server.close({ graceMs: 60_000 })
  const ours = log.filter(
    ({ status, error }) =>
      // A deadline of 0 may pass; and the protocols want for compression that is not known 501 of Connect and
      // `internal` of gRPC.
      (status >= 500 && status !== 501 && error?.code !== 'deadline_exceeded') ||
      (error?.code === 'internal' && !error.message.startsWith('a message is compressed')) ||
      error?.code === 'unknown',
  )
  expect(ours).toEqual([])
  // Little is shown where little gets through; how many requests are whole before their client is gone depends on the machine.
  const seen = new Set(log.map(({ status }) => status))
  for (const status of [200, 400, 401, 403, 404, 405, 413, 415, 499]) expect(seen).toContain(status)
  expect(log.length).toBeGreaterThan(connections / 5)
})
