import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { maxBodyBytes } from '../limits.ts'
import { Order, Receipt, receiptOf } from '../order.ts'
import { announce } from './announce.ts'

// The least that this work can cost on node:http.
const input = z.compile(Order)
const output = z.compile(Receipt)

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/orders') return answer(response, 404, '{}')
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > maxBodyBytes) request.destroy()
    chunks.push(chunk)
  })
  request.on('end', () => place(request, response, chunks))
})

async function place(_: IncomingMessage, response: ServerResponse, chunks: Buffer[]): Promise<void> {
  const parsed = input.safeParse(read(chunks))
  if (!parsed.success) return answer(response, 400, JSON.stringify({ issues: parsed.error.issues }))
  const receipt = await receiptOf(parsed.data)
  answer(response, 200, JSON.stringify(output.parse(receipt)))
}

function read(chunks: Buffer[]): unknown {
  try {
    return JSON.parse((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString())
  } catch {
    return undefined
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
