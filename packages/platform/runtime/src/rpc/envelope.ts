import { AtlasError } from '@atlas/contract'
import type { MessageCodec } from '../protobuf/message-codec.ts'
import { compress, decompress, type Encoding, messageTooLarge } from './compression.ts'

/** The bytes before every message: one of flags, four of its size. */
export const prefixBytes = 5

/** The message is compressed. */
export const compressedFlag = 1

/** The last message of a stream in Connect. */
export const endFlag = 2

/** How the messages of a request are read. */
export interface Reading {
  readonly codec: MessageCodec
  readonly encoding: Encoding
  readonly maxBytes: number
}

/** A message in its envelope. */
export function envelope(codec: MessageCodec, value: unknown, encoding: Encoding): Buffer | Promise<Buffer> {
  const bytes = codec.encode(value, prefixBytes)
  if (encoding === 'gzip') {
    const packed = compress(bytes.subarray(prefixBytes))
    if (packed) return packed.then((message) => enveloped(message, compressedFlag))
  }
  bytes.writeUInt32BE(bytes.byteLength - prefixBytes, 1)
  bytes[0] = 0
  return bytes
}

/** Bytes in an envelope. */
export function enveloped(message: Uint8Array, flags: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + message.byteLength)
  bytes[0] = flags
  bytes.writeUInt32BE(message.byteLength, 1)
  bytes.set(message, prefixBytes)
  return bytes
}

/**
 * The one message of a request, out of its envelope.
 *
 * @throws AtlasError `unimplemented` where there is none or more than one, as gRPC asks for
 */
export function onlyMessage(bytes: Buffer, reading: Reading): unknown {
  if (bytes.byteLength === 0) throw new AtlasError('unimplemented', 'this takes one message, there is none')
  if (bytes.byteLength < prefixBytes) throw tooShort()
  const size = bytes.readUInt32BE(1)
  const end = prefixBytes + size
  if (size > reading.maxBytes) throw messageTooLarge(reading.maxBytes)
  if (bytes.byteLength < end) throw tooShort()
  if (bytes.byteLength > end) throw new AtlasError('unimplemented', 'this takes one message, there are more')
  return opened(bytes[0]!, bytes.subarray(prefixBytes), reading)
}

/**
 * The value of a message as it came; a promise only where it has to be unpacked.
 *
 * @throws AtlasError `invalid_argument`
 */
export function opened(flags: number, message: Buffer, reading: Reading): unknown {
  const { codec, encoding, maxBytes } = reading
  if (flags === 0) return codec.decode(message)
  if (flags !== compressedFlag)
    throw new AtlasError('invalid_argument', `a message has the unknown flags 0x${flags.toString(16)}`)
  // The caller's fault; both protocols ask for this code all the same.
  if (encoding === 'identity')
    throw new AtlasError('internal', 'a message is compressed, and no header says with what')
  if (message.byteLength === 0) return codec.decode(message)
  return decompress(message, maxBytes).then((unpacked) => codec.decode(unpacked))
}

/** The error of a message that is cut off. */
export function tooShort(): AtlasError {
  return new AtlasError('invalid_argument', 'the last message ends too early')
}
