import { protoOf } from '@atlas/interface'
import protobufjs from 'protobufjs'
import { ordersDocument } from './contract.ts'

/** The messages of the contract, as a peer has them: from the .proto file. */
const { root } = protobufjs.parse(protoOf(ordersDocument))

/** Codecs of what is sent and answered. */
export const OrderMessage = root.lookupType('orders.PlaceRequest')
export const ReceiptMessage = root.lookupType('orders.PlaceResponse')

/** A message of gRPC: not compressed, its size, itself. */
export function grpcFrame(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.byteLength)
  frame.writeUInt32BE(message.byteLength, 1)
  frame.set(message, 5)
  return frame
}
