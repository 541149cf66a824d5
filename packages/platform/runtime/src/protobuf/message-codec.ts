import { isUtf8 } from 'node:buffer'
import { AtlasError, invalidInput } from '@atlas/contract'
import protobuf from 'protobufjs/minimal.js'
import type { Fields } from './binary-codec.ts'
import type { ProtoTypes } from './types.ts'

/** Turns the values of one message into bytes and back. */
export interface MessageCodec {
  /** The bytes, after `room` bytes that are the caller's to fill. */
  encode(value: unknown, room: number): Buffer
  /** @throws AtlasError `invalid_argument` */
  decode(bytes: Uint8Array): unknown
}

/**
 * A writer that is kept with its memory, which it has had to grow for each message otherwise. What it finishes is a copy.
 */
let spare: protobuf.Writer | undefined

/** The memory of a longer message is let go. */
const spareBytes = 64 * 1024

/** The codec of a message in protobuf's bytes. */
export function protoCodec(types: ProtoTypes, name: string): MessageCodec {
  const codec = types.binaryOf(name)
  return {
    encode(value, room) {
      const writer = spare ?? protobuf.Writer.create()
      // Whoever throws below leaves the writer somewhere in the middle, so it is given back only at the end.
      spare = undefined
      // Room is for the prefix of five bytes that messages of streams have.
      if (room > 0) writer.raw(zeros.subarray(0, room))
      codec.encode(value as Fields, writer)
      const bytes = writer.finish() as Buffer
      if (bytes.byteLength <= spareBytes) spare = writer.reset()
      return bytes
    },
    decode(bytes) {
      const reader = protobuf.Reader.create(bytes)
      try {
        return codec.decode(reader, reader.len, 0)
      } catch (cause) {
        throw unreadable(name, 'protobuf', cause)
      }
    },
  }
}

/** The codec of a message in protobuf's JSON. */
export function jsonCodec(types: ProtoTypes, name: string): MessageCodec {
  const mapping = types.jsonOf(name)
  return {
    encode: (value, room) => encodeJson(mapping.toJson(value as Fields), room),
    decode(bytes) {
      try {
        const value = mapping.fromJson(parseJson(bytes), 0)
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
      } catch (cause) {
        throw unreadable(name, 'JSON', cause)
      }
      throw invalidInput([{ path: '', message: 'the message must be a JSON object, as in {"name":"ada"}' }])
    },
  }
}

/** JSON as bytes, after `room` bytes. */
export function encodeJson(json: unknown, room: number): Buffer {
  const text = JSON.stringify(json)
  if (room === 0) return Buffer.from(text)
  const bytes = Buffer.allocUnsafe(room + Buffer.byteLength(text))
  bytes.write(text, room)
  return bytes
}

function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new RangeError('it is not valid UTF-8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  // What is said of it must hold no more than a word of what was sent.
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('it is not JSON')
  }
}

const zeros = new Uint8Array(5)

function unreadable(name: string, form: string, cause: unknown): AtlasError {
  if (cause instanceof AtlasError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AtlasError('invalid_argument', `the message is no ${name} in ${form}: ${why}`)
}
