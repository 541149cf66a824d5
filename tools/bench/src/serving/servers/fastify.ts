import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptAfterWork, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

// fastify's own ways: ajv for what comes in and fast-json-stringify for what goes out. It writes, but does not check, an
// answer: what all others do is added.
const output = z.compile(Receipt)
const schema = {
  body: z.toJSONSchema(Order, { target: 'draft-7', io: 'input' }),
  response: { 200: z.toJSONSchema(Receipt, { target: 'draft-7', io: 'output' }) },
}

const app = (process.argv[2] === 'http2'
  ? Fastify({ http2: true, bodyLimit: maxBodyBytes })
  : Fastify({ bodyLimit: maxBodyBytes })) as unknown as FastifyInstance
app.post('/orders', { schema }, async ({ body }) => output.parse(receiptOf(body as Order)))
app.post('/work', { schema }, async ({ body }) => output.parse(await receiptAfterWork(body as Order)))

await app.listen({ port: 0, host: '127.0.0.1' })
announce((app.server.address() as AddressInfo).port)
