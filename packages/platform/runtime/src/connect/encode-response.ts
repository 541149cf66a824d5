import { type AtlasError, codes } from '@atlas/contract'
import { retryAfterHeader } from '../overload/retry-after.ts'
import type { RpcCall } from '../rpc/call.ts'
import { compress, type Encoding, encodings } from '../rpc/compression.ts'
import { endFlag, envelope, enveloped } from '../rpc/envelope.ts'
import type { ErrorDetail } from '../rpc/error-detail.ts'
import { MessageSource } from '../rpc/message-source.ts'
import type { Format, RpcMethod } from '../rpc/method.ts'
import type { Answer } from '../universal.ts'
import { contentTypeOf } from './content-type.ts'
import { connectError } from './error-document.ts'

/** How an answer is written. */
export interface Writing {
  readonly method: RpcMethod
  readonly format: Format
  readonly encoding: Encoding
}

/** The answer of a unary method. */
export function encodeMessage(
  value: unknown,
  call: RpcCall,
  { method, format, encoding }: Writing,
): Answer | Promise<Answer> {
  const body = method.codecs[format].response.encode(value, 0)
  const packed = encoding === 'gzip' ? compress(body) : undefined
  const extra = [...method.headers, ...call.headers, ...prefixed(call.trailers)]
  if (!packed) return unaryAnswer(body, format, extra)
  return packed.then((bytes) => unaryAnswer(bytes, format, [...extra, 'content-encoding', encoding]))
}

function unaryAnswer(body: Buffer, format: Format, extra: readonly string[]): Answer {
  return {
    kind: 'answer',
    status: 200,
    headers: [
      'content-type',
      contentTypeOf(false, format),
      'content-length',
      String(body.byteLength),
      'accept-encoding',
      encodings,
      'x-content-type-options',
      'nosniff',
      ...extra,
    ],
    body,
    error: undefined,
  }
}

/** The answer of a method that streams. It always succeeds: the last message says how it ended. */
export function encodeMessages(
  messages: AsyncIterable<unknown>,
  call: RpcCall,
  { method, format, encoding }: Writing,
): Answer {
  const codec = method.codecs[format].response
  const body = new MessageSource(messages, {
    message: (value) => envelope(codec, value, encoding),
    end: (error) => endMessage(error, error ? method.details(error) : [], call.trailers),
  })
  return {
    kind: 'answer',
    status: 200,
    headers: [
      ...streamHeaders(format),
      ...(encoding === 'identity' ? [] : ['connect-content-encoding', encoding]),
      ...method.headers,
      ...call.headers,
    ],
    body,
    error: undefined,
  }
}

/** The answer of a unary method that fails. */
export function encodeConnectError(
  error: AtlasError,
  details: readonly ErrorDetail[],
  extra: readonly string[] = [],
): Answer {
  const body = stringify(error, details)
  const later = retryAfterHeader(error)
  return {
    kind: 'answer',
    status: codes[error.code].http,
    headers: [
      'content-type',
      'application/json',
      'content-length',
      String(Buffer.byteLength(body)),
      'x-content-type-options',
      'nosniff',
      ...(later === undefined ? [] : ['retry-after', later]),
      ...extra,
    ],
    body,
    error,
  }
}

/** The answer of a method that streams, and fails before it has a message. */
export function encodeStreamError(
  error: AtlasError,
  details: readonly ErrorDetail[],
  format: Format,
  extra: readonly string[] = [],
  trailers: readonly string[] = [],
): Answer {
  return {
    kind: 'answer',
    status: 200,
    headers: [...streamHeaders(format), ...extra],
    body: endMessage(error, details, trailers),
    error,
  }
}

function streamHeaders(format: Format): readonly string[] {
  return ['content-type', contentTypeOf(true, format), 'connect-accept-encoding', encodings]
}

/** The last message of a stream (https://connectrpc.com/docs/protocol#error-end-stream). */
function endMessage(
  error: AtlasError | undefined,
  details: readonly ErrorDetail[],
  trailers: readonly string[],
): Buffer {
  const parts: string[] = []
  if (error) parts.push(`"error":${stringify(error, details)}`)
  if (trailers.length > 0) parts.push(`"metadata":${JSON.stringify(metadataOf(trailers))}`)
  return enveloped(Buffer.from(`{${parts.join()}}`), endFlag)
}

function stringify(error: AtlasError, details: readonly ErrorDetail[]): string {
  try {
    return JSON.stringify(connectError(error, details))
  } catch {
    // Data without a JSON form; the error itself must arrive all the same.
    return JSON.stringify(connectError(error, []))
  }
}

function metadataOf(trailers: readonly string[]): Record<string, string[]> {
  const metadata: Record<string, string[]> = {}
  for (let index = 0; index < trailers.length; index += 2) {
    const name = trailers[index]!
    metadata[name] ??= []
    metadata[name].push(trailers[index + 1]!)
  }
  return metadata
}

/** Trailers of a unary answer are headers (https://connectrpc.com/docs/protocol#unary-response). */
export function prefixed(trailers: readonly string[]): readonly string[] {
  return trailers.map((text, index) => (index % 2 === 0 ? `trailer-${text}` : text))
}
