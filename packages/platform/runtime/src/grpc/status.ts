import { type AtlasError, codes } from '@atlas/contract'
import { retryAfterMsOf } from '../overload/retry-after.ts'
import { googleFiles, status } from '../protobuf/google-files.ts'
import { protoCodec } from '../protobuf/message-codec.ts'
import { protoTypes } from '../protobuf/types.ts'
import type { ErrorDetail } from '../rpc/error-detail.ts'

const statusCodec = protoCodec(protoTypes(googleFiles), status)

/** The status of a call that succeeded. */
export const okStatus: readonly string[] = ['grpc-status', '0']

/** What peers take as headers is bounded; an error that says less still arrives. */
const maxMessageLength = 2000
const maxDetailsLength = 8 * 1024

/** The status of an error: names and values in turns, of trailers or of headers where nothing else is sent. */
export function errorStatus(error: AtlasError, details: readonly ErrorDetail[]): string[] {
  const code = codes[error.code].grpc
  const message = error.message.slice(0, maxMessageLength)
  const lines = ['grpc-status', String(code), 'grpc-message', percentEncoded(message)]
  const laterMs = retryAfterMsOf(error)
  // As clients of gRPC with a retry policy heed it (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
  if (laterMs !== undefined) lines.push('grpc-retry-pushback-ms', String(Math.ceil(laterMs)))
  if (details.length === 0) return lines
  const bytes = statusCodec.encode(
    {
      code,
      message,
      details: details.map(({ type, value }) => ({ typeUrl: `type.googleapis.com/${type}`, value })),
    },
    0,
  )
  const text = bytes.toString('base64').replace(/=+$/, '')
  if (text.length <= maxDetailsLength) lines.push('grpc-status-details-bin', text)
  return lines
}

/** As gRPC encodes messages: UTF-8, with everything but printable ASCII as %XX, and % itself. */
function percentEncoded(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text))
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return encoded
}
