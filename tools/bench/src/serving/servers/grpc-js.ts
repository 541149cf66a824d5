import grpc, { type handleUnaryCall } from '@grpc/grpc-js'
import type { Message } from 'protobufjs'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { OrderMessage, ReceiptMessage } from '../protobuf.ts'
import { announce } from './announce.ts'

const input = z.compile(Order)
const output = z.compile(Receipt)

// With the codecs of protobufjs as they are: @grpc/proto-loader puts a conversion around them.
const service = {
  place: {
    path: '/orders.Orders/Place',
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes: Buffer) => OrderMessage.decode(bytes),
    requestSerialize: (order: Message) => Buffer.from(OrderMessage.encode(order).finish()),
    responseDeserialize: (bytes: Buffer) => ReceiptMessage.decode(bytes),
    responseSerialize: (receipt: Receipt) => ReceiptMessage.encode(receipt).finish() as Buffer,
  },
}

const place: handleUnaryCall<Message, Receipt> = ({ request }, answer) => {
  const parsed = input.safeParse(request)
  if (parsed.success) answer(null, output.parse(receiptOf(parsed.data)))
  else answer({ code: grpc.status.INVALID_ARGUMENT, details: z.prettifyError(parsed.error) })
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': maxBodyBytes })
server.addService(service as never, { place } as never)
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  announce(port)
})
