import type { BinaryCodec, Fields } from './binary-codec.ts'
import type { ProtoEnum, ProtoField, ProtoMessage } from './file.ts'
import { any } from './google-files.ts'
import { anyMapping } from './json-any.ts'
import { checkDepth } from './reading.ts'
import { setEntry } from './record-entry.ts'
import { scalars } from './scalars.ts'

/**
 * Turns a message into protobuf's JSON (https://protobuf.dev/programming-guides/json/) and back. It is the JSON of contracts
 * but for 64-bit integers, which are strings, enums, which are constants, and unions, which are named by their field; the
 * forms of contracts are understood too. What has a wrong type is left as it is for validation to refuse with its path.
 */
export interface JsonMapping {
  toJson(value: Fields): Fields
  /** @throws RangeError where messages are nested too deep, or more than one variant of a union is given */
  fromJson(json: unknown, depth: number): unknown
}

/** Where mappings find the types of their fields. */
export interface JsonTypes {
  jsonOf(message: string): JsonMapping
  binaryOf(message: string): BinaryCodec
  /** Whether there is such a message. */
  has(message: string): boolean
  enumOf(name: string): ProtoEnum
}

/** Makes the mapping of a message. */
export function jsonMapping(message: ProtoMessage, types: JsonTypes): JsonMapping {
  if (message.name === any) return anyMapping(types)
  return message.discriminator === undefined
    ? fieldsMapping(message, types)
    : unionMapping(message, message.discriminator, types)
}

function fieldsMapping(message: ProtoMessage, types: JsonTypes): JsonMapping {
  const fields = message.fields.map((field) => ({ ...field, ...mapped(field, valueMapping(field, types)) }))
  const isPlain = fields.every(
    ({ type, label, name, jsonName }) =>
      type.kind === 'scalar' &&
      type.name !== 'int64' &&
      type.name !== 'bytes' &&
      label !== 'optional' &&
      name === jsonName,
  )
  return {
    toJson(value) {
      if (isPlain) return value
      const json: Fields = {}
      for (const { name, jsonName, to } of fields) {
        const held = value[name]
        if (held !== undefined && held !== null) json[jsonName] = to(held)
      }
      return json
    },
    fromJson(json, depth) {
      checkDepth(depth)
      if (!isObject(json)) return json
      const value: Fields = {}
      for (const { name, jsonName, protoName, from, absent } of fields) {
        const given = json[jsonName] ?? json[protoName]
        if (given !== undefined && given !== null) {
          const held = from(given, depth)
          if (held !== undefined) value[name] = held
        } else {
          const held = absent()
          if (held !== undefined) value[name] = held
        }
      }
      return value
    },
  }
}

function unionMapping(message: ProtoMessage, discriminator: string, types: JsonTypes): JsonMapping {
  const variants = message.fields
  const byName = new Map(variants.map((variant) => [variant.name, variant]))
  const read = ({ name, type }: ProtoField, json: unknown, depth: number): unknown => {
    const value = types.jsonOf(type.name).fromJson(json, depth + 1)
    return isObject(value) ? Object.assign(value, { [discriminator]: name }) : value
  }
  return {
    toJson(value) {
      const variant = byName.get(value[discriminator] as string)
      if (!variant) throw new TypeError(`${message.name} has no variant '${String(value[discriminator])}'`)
      return { [variant.jsonName]: types.jsonOf(variant.type.name).toJson(value) }
    },
    fromJson(json, depth) {
      checkDepth(depth)
      if (!isObject(json)) return json
      const said = json[discriminator]
      if (typeof said === 'string') {
        const variant = byName.get(said)
        return variant ? read(variant, json, depth) : json
      }
      const given = variants.filter(
        ({ jsonName, protoName }) => (json[jsonName] ?? json[protoName] ?? null) !== null,
      )
      if (given.length > 1)
        throw new RangeError(`${given.map(({ jsonName }) => jsonName).join(' and ')} exclude each other`)
      const [variant] = given
      return variant ? read(variant, json[variant.jsonName] ?? json[variant.protoName], depth) : {}
    },
  }
}

interface ValueMapping {
  to(value: any): unknown
  from(json: unknown, depth: number): unknown
}

interface FieldMapping extends ValueMapping {
  /** What the field is when it is not there. */
  absent(): unknown
}

function mapped(field: ProtoField, { to, from }: ValueMapping): FieldMapping {
  const { label, type, absentIsNull } = field
  if (label === 'repeated')
    return {
      to: (items: unknown[]) => items.map(to),
      from: (json, depth) => (Array.isArray(json) ? json.map((item) => from(item, depth)) : json),
      absent: () => [],
    }
  if (label === 'map')
    return {
      to: (entries: Fields) => mapEntries(entries, to),
      from: (json, depth) => (isObject(json) ? mapEntries(json, (item) => from(item, depth)) : json),
      absent: () => ({}),
    }
  const zero = label === 'single' && type.kind === 'scalar' ? scalars[type.name].zero : undefined
  return { to, from, absent: () => (absentIsNull ? null : zero) }
}

function mapEntries(entries: Fields, map: (value: unknown) => unknown): Fields {
  const result: Fields = {}
  for (const key of Object.keys(entries)) setEntry(result, key, map(entries[key]))
  return result
}

function valueMapping({ type }: ProtoField, types: JsonTypes): ValueMapping {
  if (type.kind === 'message')
    return {
      to: (value: Fields) => types.jsonOf(type.name).toJson(value),
      from: (json, depth) => types.jsonOf(type.name).fromJson(json, depth + 1),
    }
  if (type.kind === 'enum') return enumMapping(types.enumOf(type.name))
  switch (type.name) {
    case 'int64':
      return { to: (value: number) => String(value), from: integerFrom }
    case 'int32':
    case 'uint32':
      return { to: same, from: integerFrom }
    case 'double':
    case 'float':
      return { to: same, from: numberFrom }
    case 'bytes':
      return {
        to: (value: Uint8Array) =>
          Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
        from: bytesFrom,
      }
    default:
      return { to: same, from: same }
  }
}

function enumMapping({ values }: ProtoEnum): ValueMapping {
  const constants = new Map(values.map(({ value, constant }) => [value, constant]))
  const named = new Map<unknown, string | undefined>()
  for (const { value, number } of values) named.set(number, value)
  for (const { value } of values) if (value !== undefined) named.set(value, value)
  for (const { value, constant } of values) named.set(constant, value)
  return {
    to: (value: string) => constants.get(value),
    from: (json) => (named.has(json) ? named.get(json) : json),
  }
}

const integer = /^-?(?:0|[1-9]\d*)$/
const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function integerFrom(json: unknown): unknown {
  return typeof json === 'string' && integer.test(json) ? Number(json) : json
}

function numberFrom(json: unknown): unknown {
  return typeof json === 'string' && decimal.test(json) ? Number(json) : json
}

/** Standard or URL-safe, with or without padding. */
function bytesFrom(json: unknown): unknown {
  if (typeof json !== 'string') return json
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(json)) throw new RangeError('bytes are not base64')
  return Buffer.from(json, 'base64')
}

function same(value: unknown): unknown {
  return value
}

function isObject(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
