import protobuf, { type Reader, type Writer } from 'protobufjs/minimal.js'
import type { BinaryTypes, Fields } from './binary-codec.ts'
import type { ProtoEnum, ProtoField } from './file.ts'
import { once } from './once.ts'
import { checkEnd, endOf } from './reading.ts'
import { setEntry } from './record-entry.ts'
import { scalars } from './scalars.ts'

/** Writes a field. */
export type Write = (writer: Writer, value: any) => void
/** Reads a field into its message. */
export type Read = (reader: Reader, into: Fields, depth: number) => void

/** The writer of a field that is there. */
export function writerOf(field: ProtoField, types: BinaryTypes): Write {
  const { number, label } = field
  const { wireType, isZero, write, packs } = wireValue(field, types)
  const tag = ((number << 3) | wireType) >>> 0
  if (label === 'repeated' && packs)
    return (writer, values: unknown[]) => {
      if (values.length === 0) return
      writer.uint32(((number << 3) | 2) >>> 0).fork()
      for (const value of values) write(writer, value)
      writer.ldelim()
    }
  if (label === 'repeated')
    return (writer, values: unknown[]) => {
      for (const value of values) {
        writer.uint32(tag)
        write(writer, value)
      }
    }
  if (label === 'map') {
    const valueTag = (2 << 3) | wireType
    return (writer, entries: Fields) => {
      for (const key of Object.keys(entries)) {
        writer.uint32(((number << 3) | 2) >>> 0).fork()
        writer.uint32(10).string(key).uint32(valueTag)
        write(writer, entries[key])
        writer.ldelim()
      }
    }
  }
  return (writer, value) => {
    if (label === 'single' && isZero?.(value)) return
    writer.uint32(tag)
    write(writer, value)
  }
}

/** Readers by tag. A list of numbers may come packed or not, whatever its writer was told. */
export function readersOf(field: ProtoField, types: BinaryTypes): [tag: number, read: Read][] {
  const { name, number, label } = field
  const { wireType, read, packs, merges } = wireValue(field, types)
  const tag = ((number << 3) | wireType) >>> 0
  const packedTag = ((number << 3) | 2) >>> 0
  switch (label) {
    case 'map':
      return [[packedTag, mapReader(field, types)]]
    case 'repeated': {
      const one: Read = (reader, into, depth) => {
        ;(into[name] as unknown[]).push(read(reader, depth))
      }
      if (!packs) return [[tag, one]]
      const packed: Read = (reader, into, depth) => {
        const end = endOf(reader)
        while (reader.pos < end) one(reader, into, depth)
        checkEnd(reader, end)
      }
      return [
        [tag, one],
        [packedTag, packed],
      ]
    }
    default:
      if (merges)
        return [
          [
            tag,
            (reader, into, depth) => {
              into[name] = read(reader, depth, (into[name] as Fields | null) ?? undefined)
            },
          ],
        ]
      return [
        [
          tag,
          (reader, into, depth) => {
            const value = read(reader, depth)
            if (value !== undefined) into[name] = value
            else if (field.absentIsNull) into[name] = null
            else delete into[name]
          },
        ],
      ]
  }
}

function mapReader(field: ProtoField, types: BinaryTypes): Read {
  const { name, type } = field
  const { wireType, read } = wireValue(field, types)
  const valueTag = (2 << 3) | wireType
  const zero = (depth: number): unknown => {
    if (type.kind === 'scalar') return scalars[type.name].zero
    return type.kind === 'message' ? types.binaryOf(type.name).decode(nothing, 0, depth + 1) : undefined
  }
  return (reader, into, depth) => {
    const end = endOf(reader)
    let key = ''
    let value: unknown
    while (reader.pos < end) {
      const tag = reader.tag()
      if (tag === 10) key = scalars.string.read(reader)
      else if (tag === valueTag) value = read(reader, depth, value as Fields | undefined)
      else reader.skipType(tag & 7, depth, tag >>> 3)
    }
    checkEnd(reader, end)
    setEntry(into[name] as Fields, key, value ?? zero(depth))
  }
}

const nothing = protobuf.Reader.create(new Uint8Array())

/** How one value of a field's type travels, whatever its label. */
interface Value {
  readonly wireType: number
  readonly write: Write
  /** Undefined for a value of an enum that says nothing. */
  readonly read: (reader: Reader, depth: number, into?: Fields) => unknown
  readonly isZero: ((value: unknown) => boolean) | undefined
  /** Whether lists of it are written in one piece. */
  readonly packs: boolean
  /** Whether a second one adds to the first. */
  readonly merges: boolean
}

function wireValue({ type }: ProtoField, types: BinaryTypes): Value {
  switch (type.kind) {
    case 'scalar': {
      const scalar = scalars[type.name]
      const { wireType, isZero, write, read } = scalar
      return { wireType, isZero, write, read, packs: wireType !== 2, merges: false }
    }
    case 'enum':
      return { ...enumValue(types.enumOf(type.name)), packs: true, merges: false }
    case 'message': {
      const codec = once(() => types.binaryOf(type.name))
      return {
        wireType: 2,
        isZero: undefined,
        packs: false,
        merges: true,
        write(writer, value: Fields) {
          writer.fork()
          codec().encode(value, writer)
          writer.ldelim()
        },
        read: (reader, depth, into) => codec().decode(reader, endOf(reader), depth + 1, into),
      }
    }
  }
}

/** A number that the enum does not have is kept, so that validation refuses it rather than taking it for absent. */
function enumValue({ name, values }: ProtoEnum): Pick<Value, 'wireType' | 'write' | 'read' | 'isZero'> {
  const numbers = new Map(values.map(({ value, number }) => [value, number]))
  const names = new Map(values.map(({ value, number }) => [number, value]))
  return {
    wireType: 0,
    isZero: (value) => numbers.get(value as string) === 0,
    write(writer, value: string) {
      const number = numbers.get(value)
      if (number === undefined) throw new TypeError(`${name} has no value '${value}'`)
      writer.int32(number)
    },
    read(reader) {
      const number = reader.int32()
      return names.has(number) ? names.get(number) : number
    },
  }
}
