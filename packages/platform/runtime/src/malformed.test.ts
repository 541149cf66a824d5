import { AtlasError, bytes, contract, endpoint, stream } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { request } from './fixtures/http-request.ts'
import { type Attack, attacks } from './fixtures/malformed.ts'
import { once, type RawAnswer, RawClient } from './fixtures/raw-client.ts'
import { serveOne } from './fixtures/way.ts'
import type { Server } from './serve.ts'

const fields = {
  id: z.string(),
  text: z.string().optional(),
  n: z.number().optional(),
  list: z.array(z.int()).default([]),
}
const target = contract('target', {
  json: endpoint({
    route: 'POST /json/{id}',
    access: 'public',
    grpc: false,
    input: z.object({
      ...fields,
      map: z.record(z.string(), z.string()).optional(),
      any: z.json().optional(),
    }),
    output: z.object({ any: z.json().optional() }),
  }),
  text: endpoint({
    route: 'GET /text/{id}',
    access: 'public',
    input: z.object({ ...fields, on: z.boolean().optional(), kind: z.enum(['a', 'b']).optional() }),
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
  secret: endpoint({ route: 'POST /-secret' }),
})
const targetServlet = servlet(target, {
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
})

describe('malformed requests', () => {
  let server: Server
  const prototype = Object.getOwnPropertyNames(Object.prototype)
  beforeAll(async () => {
    server = await serveOne(targetServlet, {
      authenticate: async () => {
        throw new AtlasError('unauthenticated', 'no such session')
      },
    })
  })
  afterAll(() => server.close({ graceMs: 0 }))

  it('do not crash, are never our fault, and learn nothing', { timeout: 120_000 }, async () => {
    const statuses = new Map<number, number>()
    const idle: RawClient[] = []
    let sent = 0
    await fc.assert(
      fc.asyncProperty(fc.array(attacks, { minLength: 50, maxLength: 50 }), async (batch) => {
        await Promise.all(
          batch.map(async (attack) => {
            sent++
            for (const answer of await strike(server.port, attack, idle)) {
              statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
              expect(
                answer.status,
                `to ${JSON.stringify(attack.text.slice(0, 400))}: ${answer.body}`,
              ).toBeLessThan(500)
              expect(answer.body).not.toMatch(/node_modules|node:|\.[jt]s\b|\n\s+at |\/packages\//)
              if (answer.status >= 400 && answer.body !== '') expect(isErrorDocument(answer.body)).toBe(true)
            }
          }),
        )
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype)
        expect({}).not.toHaveProperty('polluted')
      }),
      { numRuns: 200, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    )
    for (const client of idle) client.close()
    expect(sent).toBeGreaterThanOrEqual(10_000)
    // Attacks that only ever fail in one way would prove little.
    for (const status of [200, 400, 401, 404, 405, 413, 415, 417, 431])
      expect(statuses.get(status)).toBeGreaterThan(5)
    expect(await once(server.port, request('GET', '/text/a'))).toMatchObject({
      status: 200,
      body: '{"id":"a"}',
    })
  })
})

/** How long a request may be without an answer before it is taken for one that the server is waiting for the rest of. */
const patienceMs = 50

/** Sends one request, over a connection that was used before where there is one, and returns what comes back. */
async function strike(
  port: number,
  { method, text, framed }: Attack,
  idle: RawClient[],
): Promise<RawAnswer[]> {
  let client = idle.pop()
  if (!client || client.closed) client = await RawClient.connect(port)
  client.send(Buffer.from(text, 'latin1'))
  const answers: RawAnswer[] = []
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs)
  })
  do {
    const answer = client.answer(method).catch(() => undefined)
    const first = await (framed ? answer : Promise.race([answer, patience]))
    if (!first) break
    answers.push(first)
  } while (answers.at(-1)!.status < 200)
  clearTimeout(timer)
  if (framed && !client.closed && answers.at(-1)?.headers.get('connection') === 'keep-alive')
    idle.push(client)
  else client.close()
  return answers
}

function isErrorDocument(body: string): boolean {
  const { code, message } = JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, unknown>
  return typeof code === 'string' && typeof message === 'string'
}
