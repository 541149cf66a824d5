import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

// The least that this work can cost on node:http2: its core interface, on which Atlas is built too.
const input = z.compile(Order)
const output = z.compile(Receipt)

const server = createServer()
server.on('stream', (stream, headers) => {
  stream.on('error', () => {})
  if (headers[':method'] !== 'POST' || headers[':path'] !== '/orders') return answer(stream, 404, '{}')
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > maxBodyBytes) stream.destroy()
    chunks.push(chunk)
  })
  stream.on('end', () => place(stream, chunks))
})

async function place(stream: ServerHttp2Stream, chunks: Buffer[]): Promise<void> {
  const parsed = input.safeParse(read(chunks))
  if (!parsed.success) return answer(stream, 400, JSON.stringify({ issues: parsed.error.issues }))
  const receipt = await receiptOf(parsed.data)
  answer(stream, 200, JSON.stringify(output.parse(receipt)))
}

function read(chunks: Buffer[]): unknown {
  try {
    return JSON.parse((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString())
  } catch {
    return undefined
  }
}

function answer(stream: ServerHttp2Stream, status: number, text: string): void {
  stream.respond({
    ':status': status,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  stream.end(text)
}

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
