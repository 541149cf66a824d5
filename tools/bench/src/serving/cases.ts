import { isDeepStrictEqual } from 'node:util'
import type { Exchange } from './exchange.ts'
import { type Order, orderOf, receiptOf } from './order.ts'
import { grpcFrame, OrderMessage, ReceiptMessage } from './protobuf.ts'
import type { ServerFile } from './servers.ts'

/** How the order travels. */
export interface Protocol {
  readonly name: string
  readonly httpVersion: 1 | 2
  readonly headers: Readonly<Record<string, string>>
  encode(order: object): Buffer
  /** Undefined when the answer is no receipt. */
  decode(exchange: Exchange): unknown
  /** Whether the caller was told that the order is wrong. */
  refused(exchange: Exchange): boolean
}

/** A server asked in one protocol. */
export interface Case {
  readonly name: string
  /** As the peer is called among the ratios. */
  readonly peer: string
  readonly protocol: Protocol
  readonly server: ServerFile
  readonly path: string
}

const json = { 'content-type': 'application/json' }
const encodeJson = (order: object) => Buffer.from(JSON.stringify(order))
const decodeJson = ({ status, body }: Exchange) => (status === 200 ? parsed(body) : undefined)
const refusedJson = ({ status }: Exchange) => status >= 400 && status < 500

const http1: Protocol = {
  name: 'HTTP/1.1 JSON',
  httpVersion: 1,
  headers: json,
  encode: encodeJson,
  decode: decodeJson,
  refused: refusedJson,
}

const http2: Protocol = { ...http1, name: 'HTTP/2 JSON', httpVersion: 2 }

const trpc: Protocol = {
  ...http1,
  decode: (exchange) => (decodeJson(exchange) as { result?: { data?: unknown } } | undefined)?.result?.data,
}

const orpc: Protocol = {
  ...http1,
  encode: (order) => encodeJson({ json: order }),
  decode: (exchange) => (decodeJson(exchange) as { json?: unknown } | undefined)?.json,
}

const connectJson: Protocol = { ...http1, name: 'Connect JSON over HTTP/1.1' }

const connectProtobuf: Protocol = {
  name: 'Connect protobuf over HTTP/2',
  httpVersion: 2,
  headers: { 'content-type': 'application/proto' },
  encode: encodeProtobuf,
  decode: ({ status, body }) => (status === 200 ? receiptFrom(body) : undefined),
  refused: refusedJson,
}

const grpc: Protocol = {
  name: 'gRPC',
  httpVersion: 2,
  headers: { 'content-type': 'application/grpc', te: 'trailers' },
  encode: (order) => grpcFrame(encodeProtobuf(order)),
  decode: ({ status, body, trailers }) =>
    status === 200 && trailers['grpc-status'] === '0' && body.readUInt32BE(1) === body.byteLength - 5
      ? receiptFrom(body.subarray(5))
      : undefined,
  // An answer of trailers only has them where headers are.
  refused: ({ headers, trailers }) => (trailers['grpc-status'] ?? headers['grpc-status']) === '3',
}

const method = '/orders.Orders/Place'

/** What Atlas is called: as everybody gets it, and without telemetry and limiter. */
export const atlas = 'Atlas'
export const atlasBare = 'Atlas, bare'

const ofAtlas = (protocol: Protocol, path: string): Case[] => [
  caseOf(protocol, atlas, { file: 'atlas.ts' }, path),
  caseOf(protocol, atlasBare, { file: 'atlas.ts', args: ['bare'] }, path),
]

/** Everything that is compared, protocol by protocol. */
export const cases: readonly Case[] = [
  caseOf(http1, 'node:http', { file: 'node-http.ts' }, '/orders'),
  caseOf(http1, 'fastify', { file: 'fastify.ts' }, '/orders'),
  caseOf(http1, 'hono', { file: 'hono.ts' }, '/orders'),
  caseOf(http1, 'express', { file: 'express.ts' }, '/orders'),
  caseOf(http1, 'NestJS', { file: 'nestjs.ts' }, '/orders'),
  caseOf(orpc, 'oRPC', { file: 'orpc.ts' }, '/place'),
  caseOf(trpc, 'tRPC', { file: 'trpc.ts' }, '/place'),
  ...ofAtlas(http1, '/orders'),
  caseOf(http2, 'node:http2', { file: 'node-http2.ts' }, '/orders'),
  caseOf(http2, 'fastify', { file: 'fastify.ts', args: ['http2'] }, '/orders'),
  ...ofAtlas(http2, '/orders'),
  caseOf(connectJson, 'connect-node', { file: 'connect-node.ts' }, method),
  ...ofAtlas(connectJson, method),
  caseOf(connectProtobuf, 'connect-node', { file: 'connect-node.ts', args: ['http2'] }, method),
  ...ofAtlas(connectProtobuf, method),
  caseOf(grpc, 'grpc-js', { file: 'grpc-js.ts' }, method),
  caseOf(grpc, 'node:http2', { file: 'node-http2-grpc.ts' }, method),
  caseOf(grpc, 'connect-node', { file: 'connect-node.ts', args: ['http2'] }, method),
  ...ofAtlas(grpc, method),
]

/** An order as everybody sends it, an order that nobody may accept, and one of 64 KiB. */
export const order = orderOf(8)
export const invalidOrder = { ...order, lines: order.lines.map((line) => ({ ...line, quantity: 0 })) }
export const largeOrder = orderOf(1595)

/** @throws Error when the answer is not the receipt of the order */
export function checkReceipt({ name, protocol }: Case, sent: Order, exchange: Exchange): void {
  const found = protocol.decode(exchange)
  if (isDeepStrictEqual(found, receiptOf(sent))) return
  const { status, headers, trailers, body } = exchange
  throw new Error(
    `${name} answers ${status} ${JSON.stringify({ ...headers, ...trailers })} ${body.toString().slice(0, 300)}, not the receipt`,
  )
}

function caseOf(protocol: Protocol, peer: string, server: ServerFile, path: string): Case {
  return { name: `${protocol.name}: ${peer}`, peer, protocol, server, path }
}

function encodeProtobuf(order: object): Buffer {
  return Buffer.from(OrderMessage.encode(OrderMessage.fromObject(order)).finish())
}

function receiptFrom(bytes: Buffer): unknown {
  return ReceiptMessage.toObject(ReceiptMessage.decode(bytes))
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
