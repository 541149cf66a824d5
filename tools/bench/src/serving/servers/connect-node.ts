import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { DescService } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import * as z from 'zod'
import { ordersService } from '../descriptors.ts'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

const input = z.compile(Order)
const output = z.compile(Receipt)

const handler = connectNodeAdapter({
  readMaxBytes: maxBodyBytes,
  routes: (router) =>
    // Made at run time, so that its type has no methods.
    router.service(
      ordersService as DescService,
      {
        place: async (request: unknown) => {
          const parsed = input.safeParse(request)
          if (!parsed.success) throw new ConnectError(z.prettifyError(parsed.error), Code.InvalidArgument)
          return output.parse(receiptOf(parsed.data))
        },
      } as object,
    ),
})
const server = process.argv[2] === 'http2' ? createHttp2Server(handler) : createHttpServer(handler)
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
