import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { validator } from 'hono/validator'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

const input = z.compile(Order)
const output = z.compile(Receipt)

const app = new Hono().post(
  '/orders',
  bodyLimit({ maxSize: maxBodyBytes }),
  validator('json', (value, context) => {
    const parsed = input.safeParse(value)
    return parsed.success ? parsed.data : context.json({ issues: parsed.error.issues }, 400)
  }),
  async (context) => context.json(output.parse(receiptOf(context.req.valid('json')))),
)

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port))
