import { equal } from '../../equal.ts'
import type { Protobuf, ProtobufField, ProtobufMessage } from '../../protobuf/protobuf-of.ts'
import type { Scalar } from '../../protobuf/shape.ts'
import { decode, encode } from './wire.ts'

/** What a change of numbers or types on the wire does. Part of rule ids. */
export type WireGapKind = 'number-changed' | 'number-reused' | 'type-changed' | 'enum-number'

/** Bytes of one document that mean something else, or nothing, in another. */
export interface WireGap {
  readonly kind: WireGapKind
  /** As the paths of JSON: `.members[].name`. */
  readonly path: string
  readonly message: string
  /** The bytes in hex. */
  readonly bytes: string
  /** What was written and what is read. */
  readonly outcome: string
}

/**
 * Fields of a message that a reader does not get as they were written, found by writing and reading them. Fields that only
 * the writer knows are ignored, as protobuf does, unless their number means another field to the reader.
 */
export function wireGaps(
  writer: { readonly message: string; readonly types: Protobuf },
  reader: { readonly message: string; readonly types: Protobuf },
): WireGap[] {
  const seen = new Set<string>()
  const found: WireGap[] = []
  const agreed = agreedOn(writer.types, reader.types)
  const visit = (left: string, right: string, path: string): void => {
    const pair = `${left} ${right}`
    if (seen.has(pair) || agreed.has(pair)) return
    seen.add(pair)
    const [wrote, read] = [writer.types.messages.get(left), reader.types.messages.get(right)]
    if (!wrote || !read) return
    const isUnion = wrote.oneOf !== undefined
    for (const field of wrote.fields) {
      const other = read.fields.find(({ name }) => name === field.name)
      // A variant of a union adds nothing to the path, as in JSON.
      const at = isUnion ? path : `${path}.${field.name}`
      const gap = isSame(field, other)
        ? undefined
        : fieldGap(field, other, wrote, read, writer.types, reader.types)
      if (gap) found.push({ ...gap, path: at })
      else if (field.type.kind === 'message' && other?.type.kind === 'message') {
        const step = field.label === 'repeated' ? '[]' : field.label === 'map' ? '.<value>' : ''
        visit(field.type.name, other.type.name, `${at}${step}`)
      }
    }
  }
  visit(writer.message, reader.message, '')
  if (found.length === 0) for (const pair of seen) agreed.add(pair)
  return found
}

const agreements = new WeakMap<Protobuf, WeakMap<Protobuf, Set<string>>>()

/** Pairs of messages that are read as they were written, with all that is in them: methods share messages. */
function agreedOn(writer: Protobuf, reader: Protobuf): Set<string> {
  const byReader = agreements.get(writer) ?? new WeakMap<Protobuf, Set<string>>()
  agreements.set(writer, byReader)
  const pairs = byReader.get(reader) ?? new Set<string>()
  byReader.set(reader, pairs)
  return pairs
}

/** Whether two fields are the same bytes, what is inside a message apart. Enums may have other numbers. */
function isSame(one: ProtobufField, other: ProtobufField | undefined): boolean {
  return (
    one.number === other?.number &&
    one.label === other.label &&
    one.type.kind === other.type.kind &&
    (one.type.kind === 'scalar'
      ? other.type.kind === 'scalar' && one.type.name === other.type.name
      : one.type.kind !== 'enum')
  )
}

function fieldGap(
  field: ProtobufField,
  other: ProtobufField | undefined,
  wrote: ProtobufMessage,
  read: ProtobufMessage,
  writer: Protobuf,
  reader: Protobuf,
): Omit<WireGap, 'path'> | undefined {
  for (const value of examplesOf(field, other, writer, reader)) {
    const bytes = encode({ [field.name]: value }, wrote, writer)
    const got = decode(bytes, read, reader)
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const written = `${field.name} ${JSON.stringify(value)}`
    if (other) {
      if (equal(got[other.name], value)) continue
      const seen = got[other.name] === undefined ? 'nothing' : JSON.stringify(got[other.name])
      const kind =
        field.number !== other.number
          ? 'number-changed'
          : field.type.kind === 'enum'
            ? 'enum-number'
            : 'type-changed'
      const why = {
        'number-changed': `the number of '${field.name}' is ${field.number} on one side and ${other.number} on the other`,
        'enum-number': `a value of '${field.name}' has different numbers on the two sides`,
        'type-changed': `'${field.name}' is ${typeText(field)} on one side and ${typeText(other)} on the other`,
      }[kind]
      return { kind, message: why, bytes: hex, outcome: `${written} is read as ${seen}` }
    }
    const taken = read.fields.find(({ number }) => number === field.number)
    if (!taken || got[taken.name] === undefined) return undefined
    return {
      kind: 'number-reused',
      message: `the number ${field.number} means '${field.name}' on one side and '${taken.name}' on the other`,
      bytes: hex,
      outcome: `${written} is read as ${taken.name} ${JSON.stringify(got[taken.name])}`,
    }
  }
  return undefined
}

/** Values of a field that show how it is read: the ends of what its type holds. */
function examplesOf(
  field: ProtobufField,
  other: ProtobufField | undefined,
  writer: Protobuf,
  reader: Protobuf,
): unknown[] {
  const single = singles(field, other, writer, reader)
  if (field.label === 'repeated') return single.map((value) => [value])
  return field.label === 'map' ? single.map((value) => ({ key: value })) : single
}

function singles(
  { type }: ProtobufField,
  other: ProtobufField | undefined,
  writer: Protobuf,
  reader: Protobuf,
): unknown[] {
  if (type.kind === 'bytes' || type.kind === 'message') return [{}]
  if (type.kind === 'enum') {
    const values = writer.enums.get(type.name)?.values.map(({ value }) => value) ?? []
    // Whether the reader knows a value at all is a matter of the JSON Schemas.
    if (other?.type.kind !== 'enum') return values.slice(0, 1)
    const known = reader.enums.get(other.type.name)?.values.map(({ value }) => value) ?? []
    return values.filter((value) => known.includes(value))
  }
  const examples: Readonly<Record<Scalar, unknown[]>> = {
    string: ['text'],
    bool: [true],
    double: [1.5, 1e300],
    float: [1.5],
    int32: [1, -1, 2 ** 31 - 1],
    uint32: [1, 2 ** 32 - 1],
    int64: [1, -1, 2 ** 40],
  }
  return type.kind === 'scalar' ? examples[type.name] : []
}

function typeText({ type, label }: ProtobufField): string {
  const name = type.kind === 'scalar' ? type.name : type.kind
  return label === 'repeated' ? `a list of ${name}` : label === 'map' ? `a map of ${name}` : `one ${name}`
}
