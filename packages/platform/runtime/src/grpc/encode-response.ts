import type { AtlasError } from '@atlas/contract'
import type { RpcCall } from '../rpc/call.ts'
import { type Encoding, encodings } from '../rpc/compression.ts'
import { envelope } from '../rpc/envelope.ts'
import type { ErrorDetail } from '../rpc/error-detail.ts'
import { MessageSource } from '../rpc/message-source.ts'
import type { Format, RpcMethod } from '../rpc/method.ts'
import type { Answer } from '../universal.ts'
import { contentTypes } from './content-type.ts'
import { errorStatus, okStatus } from './status.ts'

/** How an answer is written. */
export interface Writing {
  readonly method: RpcMethod
  readonly format: Format
  readonly encoding: Encoding
}

/** The answer of a method that gives one message. */
export function encodeMessage(
  value: unknown,
  call: RpcCall,
  { method, format, encoding }: Writing,
): Answer | Promise<Answer> {
  const body = envelope(method.codecs[format].response, value, encoding)
  const answer = (body: Buffer): Answer => ({
    kind: 'answer',
    status: 200,
    headers: headersOf(format, encoding, method.headers, call.headers),
    body,
    trailers: call.trailers.length === 0 ? succeeded : () => [...okStatus, ...call.trailers],
    error: undefined,
  })
  return body instanceof Promise ? body.then(answer) : answer(body)
}

/** The answer of a method that gives many messages. */
export function encodeMessages(
  messages: AsyncIterable<unknown>,
  call: RpcCall,
  { method, format, encoding }: Writing,
): Answer {
  const codec = method.codecs[format].response
  let status = okStatus
  const body = new MessageSource(messages, {
    message: (value) => envelope(codec, value, encoding),
    end(error) {
      if (error) status = errorStatus(error, method.details(error))
      return undefined
    },
  })
  return {
    kind: 'answer',
    status: 200,
    headers: headersOf(format, encoding, method.headers, call.headers),
    body,
    trailers: () => [...status, ...call.trailers],
    error: undefined,
  }
}

/** The answer that says an error, and has no messages: its status is in the headers. */
export function encodeGrpcError(
  error: AtlasError,
  details: readonly ErrorDetail[],
  format: Format,
  extra: readonly string[] = [],
  trailers: readonly string[] = [],
): Answer {
  return {
    kind: 'answer',
    status: 200,
    headers: [...headersOf(format, 'identity', extra, []), ...errorStatus(error, details), ...trailers],
    body: undefined,
    error,
  }
}

const succeeded = (): readonly string[] => okStatus

function headersOf(
  format: Format,
  encoding: Encoding,
  extra: readonly string[],
  more: readonly string[],
): readonly string[] {
  if (encoding === 'identity' && extra.length === 0 && more.length === 0) return plainHeaders[format]
  return [
    ...plainHeaders[format],
    ...(encoding === 'identity' ? [] : ['grpc-encoding', encoding]),
    ...extra,
    ...more,
  ]
}

const plainHeaders: Readonly<Record<Format, readonly string[]>> = {
  proto: ['content-type', contentTypes.proto, 'grpc-accept-encoding', encodings],
  json: ['content-type', contentTypes.json, 'grpc-accept-encoding', encodings],
}
