import { AtlasError } from '@atlas/contract'
import type { Limits } from '../limits.ts'
import { RpcCall } from '../rpc/call.ts'
import { accepts, type Encoding, encodingOf } from '../rpc/compression.ts'
import type { Reading } from '../rpc/envelope.ts'
import type { Format, RpcMethod, UnaryMethod } from '../rpc/method.ts'
import { notACall } from '../rpc/not-a-call.ts'
import { readMessages, readOnly } from '../rpc/read-messages.ts'
import type { Answer, UniversalRequest } from '../universal.ts'
import { acceptedTypes, connectTypeOf } from './content-type.ts'
import { checkVersion, readGet, readPost, type UnaryMessage } from './decode-request.ts'
import {
  encodeConnectError,
  encodeMessage,
  encodeMessages,
  encodeStreamError,
  prefixed,
} from './encode-response.ts'

/**
 * Answers a Connect request for a method (https://connectrpc.com/docs/protocol).
 *
 * @throws AtlasError that the caller may see
 */
export async function answerConnect(
  method: RpcMethod,
  request: UniversalRequest,
  limits: Limits,
): Promise<Answer> {
  const maxBytes = limits.jsonBodyBytes
  const gets = method.kind === 'unary' && method.noSideEffects
  if (request.method === 'GET' && gets) return answerUnary(method, await readGet(request, maxBytes), request)
  if (request.method !== 'POST') return notAllowed(request.method, gets)
  const type = connectTypeOf(request)
  const streaming = method.kind !== 'unary'
  if (type?.streaming !== streaming) return unsupportedType(request, streaming)
  checkVersion(request)
  return method.kind === 'unary'
    ? answerUnary(method, await readPost(request, type.format, maxBytes), request)
    : answerStream(method, type.format, request, maxBytes)
}

async function answerUnary(
  method: UnaryMethod,
  { format, encoding, bytes }: UnaryMessage,
  request: UniversalRequest,
): Promise<Answer> {
  const input = method.codecs[format].request.decode(bytes)
  const call = new RpcCall(request)
  const writing = { method, format, encoding: answeredIn(encoding, request.headers['accept-encoding']) }
  try {
    const answer = encodeMessage(await method.run(input, call), call, writing)
    return answer instanceof Promise ? await answer : answer
  } catch (reason) {
    if (!call.saysMore) throw reason
    const error = AtlasError.from(reason)
    const extra = [...method.headers, ...call.headers, ...prefixed(call.trailers)]
    return encodeConnectError(error, method.details(error), extra)
  }
}

async function answerStream(
  method: Exclude<RpcMethod, UnaryMethod>,
  format: Format,
  request: UniversalRequest,
  maxBytes: number,
): Promise<Answer> {
  const { headers, body } = request
  const encoding = encodingOf(headers['connect-content-encoding'])
  const reading: Reading = { codec: method.codecs[format].request, encoding, maxBytes }
  const call = new RpcCall(request)
  const writing = { method, format, encoding: answeredIn(encoding, headers['connect-accept-encoding']) }
  try {
    const messages =
      method.kind === 'server-stream'
        ? await method.open(await readOnly(body, reading), call)
        : await method.open(readMessages(body, reading), call)
    return encodeMessages(messages, call, writing)
  } catch (reason) {
    if (!call.saysMore) throw reason
    const error = AtlasError.from(reason)
    const extra = [...method.headers, ...call.headers]
    return encodeStreamError(error, method.details(error), format, extra, call.trailers)
  }
}

/** Answers are compressed for those who compress: it costs more than it saves inside of a data centre. */
function answeredIn(encoding: Encoding, accepted: string | string[] | undefined): Encoding {
  return encoding === 'gzip' && accepts(accepted ?? 'gzip') ? 'gzip' : 'identity'
}

function notAllowed(method: string, gets: boolean): Answer {
  const allow = ['allow', gets ? 'GET, POST' : 'POST']
  const message = `${method} is not served here; use ${gets ? 'GET or POST' : 'POST'}`
  return notACall(new AtlasError('unimplemented', message, { httpStatus: 405 }), allow)
}

function unsupportedType({ headers }: UniversalRequest, streaming: boolean): Answer {
  const types = acceptedTypes(streaming)
  const message = `content-type ${String(headers['content-type'])} is not served here; use ${types}`
  return notACall(new AtlasError('invalid_argument', message, { httpStatus: 415 }), ['accept-post', types])
}
