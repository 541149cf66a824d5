import type { Protobuf, ProtobufField, ProtobufMessage } from '../../protobuf/protobuf-of.ts'
import { own } from '../../records.ts'

/**
 * The protobuf wire format (https://protobuf.dev/programming-guides/encoding/), as far as the comparison needs it to show
 * what bytes of one document mean in another. What serves calls is in the runtime.
 */
export function encode(value: object, message: ProtobufMessage, types: Protobuf): number[] {
  return message.fields.flatMap((field) => {
    const part = own(value as Record<string, unknown>, field.name)
    if (part === undefined || part === null) return []
    if (field.label === 'repeated') return encodeList(part as unknown[], field, types)
    if (field.label === 'map')
      return Object.entries(part).flatMap(([key, each]) =>
        delimited(field.number, [...delimited(1, textBytes(key)), ...tagged(2, each, field, types)]),
      )
    return tagged(field.number, part, field, types)
  })
}

/** What a reader makes of bytes: fields by name. What it does not know, or cannot read as it is declared, is left out. */
export function decode(
  bytes: readonly number[],
  message: ProtobufMessage,
  types: Protobuf,
): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const { number, wire, content } of recordsIn(bytes)) {
    const field = message.fields.find((each) => each.number === number)
    const values = field && valuesOf(field, wire, content, types)
    if (!field || values === undefined) continue
    if (field.label === 'map')
      made[field.name] = {
        ...(made[field.name] as object),
        ...Object.fromEntries(values as [string, unknown][]),
      }
    else if (field.label === 'repeated')
      made[field.name] = [...((made[field.name] as unknown[]) ?? []), ...values]
    else made[field.name] = values.at(-1)
  }
  return made
}

type Wire = 0 | 1 | 2 | 5

interface WireRecord {
  readonly number: number
  readonly wire: Wire
  /** A varint, or bytes. */
  readonly content: bigint | readonly number[]
}

function wireOf({ type }: ProtobufField): Wire {
  if (type.kind === 'enum') return 0
  if (type.kind !== 'scalar' || type.name === 'string') return 2
  return type.name === 'double' ? 1 : type.name === 'float' ? 5 : 0
}

function encodeList(list: readonly unknown[], field: ProtobufField, types: Protobuf): number[] {
  if (wireOf(field) === 2) return list.flatMap((each) => tagged(field.number, each, field, types))
  return list.length === 0
    ? []
    : delimited(
        field.number,
        list.flatMap((each) => bare(each, field, types)),
      )
}

function tagged(number: number, value: unknown, field: ProtobufField, types: Protobuf): number[] {
  const wire = wireOf(field)
  const content = bare(value, field, types)
  return wire === 2 ? delimited(number, content) : [...varint(BigInt(number * 8 + wire)), ...content]
}

function delimited(number: number, content: readonly number[]): number[] {
  return [...varint(BigInt(number * 8 + 2)), ...varint(BigInt(content.length)), ...content]
}

function bare(value: unknown, { type }: ProtobufField, types: Protobuf): number[] {
  if (type.kind === 'bytes') return []
  if (type.kind === 'message') return encode(value as object, types.messages.get(type.name)!, types)
  if (type.kind === 'enum') {
    const known = types.enums.get(type.name)?.values.find((each) => each.value === value)
    return varint(BigInt(known?.number ?? 0))
  }
  switch (type.name) {
    case 'string':
      return textBytes(value as string)
    case 'bool':
      return [value ? 1 : 0]
    case 'double':
      return [...new Uint8Array(new Float64Array([value as number]).buffer)]
    case 'float':
      return [...new Uint8Array(new Float32Array([value as number]).buffer)]
    default:
      return varint(BigInt.asUintN(64, BigInt(value as number)))
  }
}

function varint(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 127n) | 128)
  }
}

function textBytes(text: string): number[] {
  return [...new TextEncoder().encode(text)]
}

function* recordsIn(bytes: readonly number[]): Generator<WireRecord> {
  let at = 0
  const read = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const take = (length: number): readonly number[] => {
    at += length
    return bytes.slice(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(read())
    const wire = (tag & 7) as Wire
    const content = wire === 0 ? read() : take(wire === 2 ? Number(read()) : wire === 1 ? 8 : 4)
    yield { number: tag >>> 3, wire, content }
  }
}

/** The values of a record as a field declares them; undefined where it declares something else. */
function valuesOf(
  field: ProtobufField,
  wire: Wire,
  content: WireRecord['content'],
  types: Protobuf,
): unknown[] | undefined {
  const expected = wireOf(field)
  if (field.label === 'map') {
    if (wire !== 2) return undefined
    const entry = [...recordsIn(content as number[])]
    const key = entry.find(({ number }) => number === 1)
    const value = entry.find(({ number, wire: own }) => number === 2 && own === expected)
    return [[textOf(key?.content), value && oneOf(field, value.content, types)]]
  }
  if (wire === expected) return [oneOf(field, content, types)]
  if (field.label !== 'repeated' || wire !== 2) return undefined
  const bytes = content as readonly number[]
  if (expected === 0) {
    const values: unknown[] = []
    for (let rest = bytes; rest.length > 0; ) {
      const length = rest.findIndex((byte) => byte < 128) + 1
      if (length === 0) return undefined
      const [record] = recordsIn([8, ...rest.slice(0, length)])
      values.push(oneOf(field, record!.content, types))
      rest = rest.slice(length)
    }
    return values
  }
  const size = expected === 1 ? 8 : 4
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
    oneOf(field, bytes.slice(index * size, (index + 1) * size), types),
  )
}

function oneOf({ type }: ProtobufField, content: WireRecord['content'], types: Protobuf): unknown {
  if (type.kind === 'bytes') return {}
  if (type.kind === 'message') return decode(content as number[], types.messages.get(type.name)!, types)
  if (type.kind === 'enum') {
    const number = Number(BigInt.asIntN(32, content as bigint))
    const values = types.enums.get(type.name)?.values ?? []
    return values.find((each) => each.number === number)?.value
  }
  switch (type.name) {
    case 'string':
      return textOf(content)
    case 'bool':
      return content !== 0n
    case 'double':
      return new DataView(new Uint8Array(content as number[]).buffer).getFloat64(0, true)
    case 'float':
      return new DataView(new Uint8Array(content as number[]).buffer).getFloat32(0, true)
    case 'int32':
      return Number(BigInt.asIntN(32, content as bigint))
    case 'uint32':
      return Number(BigInt.asUintN(32, content as bigint))
    default:
      return Number(BigInt.asIntN(64, content as bigint))
  }
}

function textOf(content: WireRecord['content'] | undefined): string {
  return new TextDecoder().decode(new Uint8Array((content ?? []) as number[]))
}
