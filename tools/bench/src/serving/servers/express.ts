import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request, type Response } from 'express'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptAfterWork, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

const input = z.compile(Order)
const output = z.compile(Receipt)

function validated(request: Request, response: Response, next: NextFunction): void {
  const parsed = input.safeParse(request.body)
  if (parsed.success) {
    request.body = parsed.data
    next()
  } else response.status(400).json({ issues: parsed.error.issues })
}

// As it is, with its ETag and X-Powered-By.
const app = express()
app.use(express.json({ limit: maxBodyBytes }))
app.post('/orders', validated, async ({ body }, response) => {
  response.json(output.parse(receiptOf(body)))
})
app.post('/work', validated, async ({ body }, response) => {
  response.json(output.parse(await receiptAfterWork(body)))
})

const server = app.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
