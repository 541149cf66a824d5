import type { Reader, Writer } from 'protobufjs/minimal.js'
import { type Read, readersOf, writerOf } from './binary-field.ts'
import type { ProtoEnum, ProtoField, ProtoMessage } from './file.ts'
import { once } from './once.ts'
import { checkDepth, checkEnd, endOf } from './reading.ts'
import { scalars } from './scalars.ts'

/** The fields of a message as JavaScript has them. */
export type Fields = Record<string, unknown>

/** Writes and reads the bytes of a message, without allocating anything in between. */
export interface BinaryCodec {
  encode(value: Fields, writer: Writer): void
  /** @throws RangeError or Error for bytes that are no such message */
  decode(reader: Reader, end: number, depth: number, into?: Fields): Fields
}

/** Where codecs find the types of their fields. Asked while encoding and decoding, since types may contain themselves. */
export interface BinaryTypes {
  binaryOf(message: string): BinaryCodec
  enumOf(name: string): ProtoEnum
}

/** Makes the codec of a message. */
export function binaryCodec(message: ProtoMessage, types: BinaryTypes): BinaryCodec {
  return message.discriminator === undefined
    ? fieldsCodec(message, types)
    : unionCodec(message, message.discriminator, types)
}

function fieldsCodec({ fields }: ProtoMessage, types: BinaryTypes): BinaryCodec {
  const writes = fields.map((field) => ({ name: field.name, write: writerOf(field, types) }))
  const reads: (Read | undefined)[] = []
  for (const field of fields) for (const [tag, read] of readersOf(field, types)) reads[tag] = read
  const fresh = freshFields(fields)
  return {
    encode(value, writer) {
      for (const { name, write } of writes) {
        const held = value[name]
        if (held !== undefined && held !== null) write(writer, held)
      }
    },
    decode(reader, end, depth, into = fresh()) {
      checkDepth(depth)
      while (reader.pos < end) {
        const tag = reader.tag()
        const read = tag < reads.length ? reads[tag] : undefined
        if (read) read(reader, into, depth)
        else reader.skipType(tag & 7, depth, tag >>> 3)
      }
      checkEnd(reader, end)
      return into
    },
  }
}

/** A union is its one variant, with the discriminator filled in: the case of the `oneof` decides, whatever the variant says. */
function unionCodec(message: ProtoMessage, discriminator: string, types: BinaryTypes): BinaryCodec {
  const variants = message.fields.map(({ name, number, type }) => ({
    name,
    tag: (number << 3) | 2,
    codec: once(() => types.binaryOf(type.name)),
  }))
  const byName = new Map(variants.map((variant) => [variant.name, variant]))
  const byTag = new Map(variants.map((variant) => [variant.tag, variant]))
  return {
    encode(value, writer) {
      const variant = byName.get(value[discriminator] as string)
      if (!variant) throw new TypeError(`${message.name} has no variant '${String(value[discriminator])}'`)
      writer.uint32(variant.tag).fork()
      variant.codec().encode(value, writer)
      writer.ldelim()
    },
    decode(reader, end, depth, into = {}) {
      checkDepth(depth)
      let value = into
      while (reader.pos < end) {
        const tag = reader.tag()
        const variant = byTag.get(tag)
        if (variant) {
          const inner = endOf(reader)
          // The last one counts; the same one again is the same message in parts.
          const same = value[discriminator] === variant.name
          value = variant.codec().decode(reader, inner, depth + 1, same ? value : undefined)
          value[discriminator] = variant.name
        } else reader.skipType(tag & 7, depth, tag >>> 3)
      }
      checkEnd(reader, end)
      return value
    },
  }
}

function freshFields(fields: readonly ProtoField[]): () => Fields {
  const template: Fields = {}
  const collections: { name: string; list: boolean }[] = []
  for (const { name, label, type, absentIsNull } of fields)
    if (label === 'repeated' || label === 'map') collections.push({ name, list: label === 'repeated' })
    else if (absentIsNull) template[name] = null
    else if (label === 'single' && type.kind === 'scalar') template[name] = scalars[type.name].zero
  if (collections.length === 0) return () => ({ ...template })
  return () => {
    const value = { ...template }
    for (const { name, list } of collections) value[name] = list ? [] : {}
    return value
  }
}
