import { AtlasError } from '@atlas/contract'
import type { Limits } from '../limits.ts'
import { RpcCall } from '../rpc/call.ts'
import { accepts, encodingOf } from '../rpc/compression.ts'
import { onlyMessage, prefixBytes, type Reading } from '../rpc/envelope.ts'
import type { RpcMethod } from '../rpc/method.ts'
import { readMessages, readOnly } from '../rpc/read-messages.ts'
import type { Answer, UniversalRequest } from '../universal.ts'
import { formatOf } from './content-type.ts'
import { encodeGrpcError, encodeMessage, encodeMessages, type Writing } from './encode-response.ts'

/**
 * Answers a gRPC request for a method
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 *
 * @throws AtlasError that the caller may see
 */
export async function answerGrpc(
  method: RpcMethod,
  request: UniversalRequest,
  limits: Limits,
): Promise<Answer> {
  const { headers, body } = request
  const format = formatOf(request)!
  const encoding = encodingOf(headers['grpc-encoding'])
  const maxBytes = limits.jsonBodyBytes
  const reading: Reading = { codec: method.codecs[format].request, encoding, maxBytes }
  // Answers are compressed for those who compress: it costs more than it saves inside of a data centre.
  const packs = encoding === 'gzip' && accepts(headers['grpc-accept-encoding'] ?? 'gzip')
  const writing: Writing = { method, format, encoding: packs ? 'gzip' : 'identity' }
  const call = new RpcCall(request)
  try {
    switch (method.kind) {
      case 'unary': {
        const input = onlyMessage(body ? await body.read(maxBytes + prefixBytes) : empty, reading)
        // Waiting for what is there already would cost a turn of the queue at each call.
        const output = await method.run(input instanceof Promise ? await input : input, call)
        const answer = encodeMessage(output, call, writing)
        return answer instanceof Promise ? await answer : answer
      }
      case 'server-stream':
        return encodeMessages(await method.open(await readOnly(body, reading), call), call, writing)
      default:
        return encodeMessages(await method.open(readMessages(body, reading), call), call, writing)
    }
  } catch (reason) {
    if (!call.saysMore) throw reason
    const error = AtlasError.from(reason)
    const extra = [...method.headers, ...call.headers]
    return encodeGrpcError(error, method.details(error), format, extra, call.trailers)
  }
}

const empty = Buffer.alloc(0)
