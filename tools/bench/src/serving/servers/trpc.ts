import type { AddressInfo } from 'node:net'
import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

const { router, procedure } = initTRPC.create()

const server = createHTTPServer({
  maxBodySize: maxBodyBytes,
  router: router({
    place: procedure
      .input(z.compile(Order))
      .output(z.compile(Receipt))
      .mutation(async ({ input }) => receiptOf(input)),
  }),
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
