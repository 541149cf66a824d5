import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/node'
import * as z from 'zod'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

const router = {
  place: os
    .input(z.compile(Order))
    .output(z.compile(Receipt))
    .handler(async ({ input }) => receiptOf(input)),
}

// Its own protocol, which is the faster of its two.
const handler = new RPCHandler(router)

const server = createServer(async (request, response) => {
  const { matched } = await handler.handle(request, response)
  if (!matched) response.writeHead(404).end()
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
