import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { grpcFrame, OrderMessage, ReceiptMessage } from '../protobuf.ts'
import { announce } from './announce.ts'

// The least that a unary call of gRPC can cost on node:http2: one method, no deadlines, no compression, no flow control.
const input = z.compile(Order)
const output = z.compile(Receipt)

const server = createServer()
server.on('stream', (stream, headers) => {
  stream.on('error', () => {})
  if (headers[':path'] !== '/orders.Orders/Place') return answer(stream, 12, undefined)
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > maxBodyBytes) stream.destroy()
    chunks.push(chunk)
  })
  stream.on('end', () => place(stream, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
})

async function place(stream: ServerHttp2Stream, frame: Buffer): Promise<void> {
  const parsed = input.safeParse(read(frame))
  if (!parsed.success) return answer(stream, 3, undefined)
  const receipt = await receiptOf(parsed.data)
  answer(stream, 0, grpcFrame(ReceiptMessage.encode(output.parse(receipt) as object).finish()))
}

function read(frame: Buffer): unknown {
  try {
    return frame.readUInt32BE(1) === frame.byteLength - 5 ? OrderMessage.decode(frame.subarray(5)) : undefined
  } catch {
    return undefined
  }
}

function answer(stream: ServerHttp2Stream, code: number, frame: Buffer | undefined): void {
  const trailers = { 'grpc-status': String(code) }
  if (frame === undefined)
    return stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', ...trailers },
      { endStream: true },
    )
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.end(frame)
}

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
