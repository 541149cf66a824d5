import { AtlasError } from '@atlas/contract'
import protobuf from 'protobufjs/minimal.js'
import { describe, expect, it } from 'vitest'
import type { ProtoField, ProtoFile } from './file.ts'
import { jsonCodec, protoCodec } from './message-codec.ts'
import { enumType, messageType, protoField } from './proto-field.ts'
import { protoTypes } from './types.ts'

const nullable = (field: ProtoField): ProtoField => ({ ...field, label: 'optional', absentIsNull: true })

const file: ProtoFile = {
  name: 'test.proto',
  package: 'test',
  imports: [],
  services: [],
  enums: [
    {
      name: 'test.Kind',
      values: [
        { value: undefined, constant: 'KIND_UNSPECIFIED', number: 0 },
        { value: 'file', constant: 'KIND_FILE', number: 1 },
        { value: 'a b', constant: 'KIND_A_B', number: 2 },
      ],
    },
  ],
  messages: [
    {
      name: 'test.All',
      fields: [
        protoField('text', 1, 'string'),
        protoField('big_number', 2, 'int64'),
        protoField('kind', 3, enumType('test.Kind')),
        protoField('maybe', 4, 'string', 'optional'),
        nullable(protoField('nothing', 5, 'int32')),
        protoField('numbers', 6, 'int64', 'repeated'),
        protoField('kinds', 7, enumType('test.Kind'), 'repeated'),
        protoField('labels', 8, 'string', 'map'),
        protoField('inner', 9, messageType('test.All'), 'optional'),
        protoField('many', 10, messageType('test.All'), 'repeated'),
        protoField('pet', 11, messageType('test.Pet'), 'optional'),
        nullable(protoField('no_kind', 12, enumType('test.Kind'))),
        protoField('by_name', 13, messageType('test.All'), 'map'),
      ],
    },
    {
      name: 'test.Pet',
      discriminator: 'type',
      fields: [
        protoField('cat', 1, messageType('test.Cat'), 'single', 'type'),
        { ...protoField('big_dog', 2, messageType('test.Cat'), 'single', 'type'), name: 'big-dog' },
      ],
    },
    {
      name: 'test.Cat',
      fields: [
        protoField('type', 1, 'string'),
        protoField('name', 2, 'string'),
        protoField('lives', 3, 'int32', 'repeated'),
      ],
    },
    { name: 'test.Blob', fields: [protoField('data', 1, 'bytes')] },
  ],
}
const types = protoTypes([file])
const all = protoCodec(types, 'test.All')
const json = jsonCodec(types, 'test.All')

const empty = {
  text: '',
  bigNumber: 0,
  nothing: null,
  numbers: [],
  kinds: [],
  labels: {},
  many: [],
  noKind: null,
  byName: {},
}

type Write = (writer: protobuf.Writer) => unknown

function written(write: Write): Buffer {
  const writer = protobuf.Writer.create()
  write(writer)
  return writer.finish() as Buffer
}

const decoded = (write: Write): unknown => all.decode(written(write))

function refusal(run: () => unknown): string {
  try {
    run()
  } catch (reason) {
    if (reason instanceof AtlasError && reason.code === 'invalid_argument') return reason.message
    throw reason
  }
  throw new Error('it was read')
}

describe('reading bytes', () => {
  it('gives absent fields what the contract says', () => {
    expect(all.decode(Buffer.alloc(0))).toEqual(empty)
  })

  it('makes lists and maps anew for each message', () => {
    ;(all.decode(Buffer.alloc(0)) as { numbers: number[] }).numbers.push(1)
    expect(all.decode(Buffer.alloc(0))).toEqual(empty)
  })

  it('skips fields that it does not know, groups too, and known ones of another wire type', () => {
    const bytes = (writer: protobuf.Writer) =>
      writer
        .uint32((99 << 3) | 2)
        .string('later')
        .uint32((98 << 3) | 3)
        .uint32((1 << 3) | 0)
        .uint32(5)
        .uint32((98 << 3) | 4)
        .uint32((1 << 3) | 0)
        .uint32(7)
        .uint32((97 << 3) | 5)
        .fixed32(1)
        .uint32((96 << 3) | 1)
        .fixed64(1)
    expect(decoded(bytes)).toEqual(empty)
  })

  it.each([
    0,
    1,
    -1,
    127,
    128,
    2 ** 28 - 1,
    2 ** 28,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 35 + 17,
    -(2 ** 40) - 3,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])('reads the int64 %d', (bigNumber) => {
    const bytes = written((writer) => writer.uint32(16).int64(bigNumber))
    expect(all.decode(bytes)).toEqual({ ...empty, bigNumber })
    const { bigNumber: again } = all.decode(all.encode({ ...empty, bigNumber }, 0)) as { bigNumber: number }
    expect(again).toBe(bigNumber)
  })

  it.each(['9007199254740992', '-9007199254740992', '9223372036854775807', '-9223372036854775808'])(
    'refuses the int64 %s, which would be another number',
    (number) => {
      const bytes = written((writer) => writer.uint32(16).int64(number))
      expect(refusal(() => all.decode(bytes))).toContain('beyond 2^53')
    },
  )

  it('reads lists of numbers packed and not', () => {
    const bytes = (writer: protobuf.Writer) =>
      writer
        .uint32((6 << 3) | 0)
        .int64(1)
        .uint32((6 << 3) | 2)
        .fork()
        .int64(2)
        .int64(300)
        .ldelim()
        .uint32((7 << 3) | 2)
        .fork()
        .int32(1)
        .ldelim()
        .uint32((7 << 3) | 0)
        .int32(2)
    expect(decoded(bytes)).toEqual({ ...empty, numbers: [1, 2, 300], kinds: ['file', 'a b'] })
  })

  it('takes an unspecified value of an enum for absent, and leaves an unknown one to validation', () => {
    expect(decoded((writer) => writer.uint32(24).int32(1).uint32(24).int32(0))).toEqual(empty)
    expect(decoded((writer) => writer.uint32(96).int32(1).uint32(96).int32(0))).toEqual(empty)
    expect(decoded((writer) => writer.uint32(24).int32(9))).toEqual({ ...empty, kind: 9 })
    expect(decoded((writer) => writer.uint32(56).int32(0))).toEqual({ ...empty, kinds: [undefined] })
  })

  it('merges a message that comes in parts, and lets the last value of a scalar count', () => {
    const part = (text: string, number: number) => (writer: protobuf.Writer) =>
      writer.uint32(10).string(text).uint32(48).int64(number)
    const bytes = (writer: protobuf.Writer) =>
      writer
        .uint32((9 << 3) | 2)
        .bytes(written(part('one', 1)))
        .uint32((9 << 3) | 2)
        .bytes(written(part('two', 2)))
    expect(decoded(bytes)).toEqual({ ...empty, inner: { ...empty, text: 'two', numbers: [1, 2] } })
  })

  it('lets the last variant of a union count, merges the same one, and fills the discriminator in', () => {
    const cat = (name: string, life: number) =>
      written((writer) => writer.uint32(10).string('a lie').uint32(18).string(name).uint32(24).int32(life))
    const pet = (...variants: [number, Buffer][]) =>
      written((writer) => {
        for (const [number, bytes] of variants) writer.uint32((number << 3) | 2).bytes(bytes)
      })
    const read = (bytes: Buffer) => decoded((writer) => writer.uint32((11 << 3) | 2).bytes(bytes))
    expect(read(pet([1, cat('Tom', 1)], [2, cat('Rex', 2)]))).toEqual({
      ...empty,
      pet: { type: 'big-dog', name: 'Rex', lives: [2] },
    })
    expect(read(pet([1, cat('Tom', 1)], [1, cat('Kit', 2)]))).toEqual({
      ...empty,
      pet: { type: 'cat', name: 'Kit', lives: [1, 2] },
    })
    expect(read(pet())).toEqual({ ...empty, pet: {} })
  })

  it('reads keys of maps that JavaScript has a meaning for, and changes no prototype', () => {
    const bytes = (writer: protobuf.Writer) => {
      for (const key of ['__proto__', 'constructor', 'toString'])
        writer
          .uint32((8 << 3) | 2)
          .fork()
          .uint32(10)
          .string(key)
          .uint32(18)
          .string('polluted')
          .ldelim()
    }
    const { labels } = decoded(bytes) as { labels: object }
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'polluted'],
      ['constructor', 'polluted'],
      ['toString', 'polluted'],
    ])
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
    expect({}.toString()).toBe('[object Object]')
  })

  it('reads entries of maps that leave the key or the value out', () => {
    const bytes = (writer: protobuf.Writer) =>
      writer
        .uint32((8 << 3) | 2)
        .fork()
        .ldelim()
        .uint32((13 << 3) | 2)
        .fork()
        .uint32(10)
        .string('k')
        .ldelim()
    expect(decoded(bytes)).toEqual({ ...empty, labels: { '': '' }, byName: { k: empty } })
  })

  it('refuses messages nested too deep, of known fields and of unknown groups', () => {
    const deep = (levels: number): Buffer => {
      let bytes: Buffer = Buffer.alloc(0)
      for (let level = 0; level < levels; level++)
        bytes = written((writer) => writer.uint32((9 << 3) | 2).bytes(bytes))
      return bytes
    }
    expect(all.decode(deep(100))).toHaveProperty('inner')
    expect(refusal(() => all.decode(deep(101)))).toContain('nested more than 100 deep')
    expect(refusal(() => all.decode(Buffer.alloc(100_000, (99 << 3) | 3)))).toContain('test.All')
  })

  it.each([
    { name: 'a tag that is cut off', bytes: [0x80] },
    { name: 'the field number 0', bytes: [0x00, 0x00] },
    { name: 'a length beyond the end', bytes: [0x0a, 0x05, 0x61] },
    { name: 'a huge length', bytes: [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f] },
    { name: 'a number that is cut off', bytes: [0x10, 0x80] },
    { name: 'a number without an end', bytes: [0x10, ...Array(11).fill(0x80)] },
    { name: 'an end without a group', bytes: [(99 << 3) | 4, 0x06] },
    { name: 'a wire type that does not exist', bytes: [(1 << 3) | 7] },
    { name: 'text that is not UTF-8', bytes: [0x0a, 0x02, 0xc3, 0x28] },
    { name: 'a message that its field outlasts', bytes: [0x4a, 0x02, 0x0a, 0x05, 1, 2, 3, 4, 5] },
    { name: 'a list that its number outlasts', bytes: [0x32, 0x01, 0x80, 0x01] },
  ])('refuses $name', ({ bytes }) => {
    expect(refusal(() => all.decode(Buffer.from(bytes)))).toMatch(
      /^the message is no test\.All in protobuf: /,
    )
  })
})

describe('writing bytes', () => {
  it('leaves out what a reader fills in, but not what is there by choice', () => {
    expect(all.encode({ ...empty }, 0)).toHaveLength(0)
    expect([...all.encode({ ...empty, maybe: '', nothing: 0 }, 0)]).toEqual([0x22, 0, 0x28, 0])
  })

  it('leaves room in front', () => {
    expect([...all.encode({ ...empty, text: 'a' }, 5)]).toEqual([0, 0, 0, 0, 0, 0x0a, 1, 0x61])
    expect(
      json
        .encode({ ...empty }, 5)
        .subarray(5)
        .toString(),
    ).toMatch(/^\{/)
  })

  it('fails for a variant or a value that the contract does not have', () => {
    expect(() => all.encode({ pet: { type: 'cow' } }, 0)).toThrow("no variant 'cow'")
    expect(() => all.encode({ kind: 'cow' }, 0)).toThrow("no value 'cow'")
  })

  it('shares nothing between messages, whatever came before: a long one, or one that failed half-way', () => {
    const first = all.encode({ ...empty, text: 'first' }, 5)
    const copy = Buffer.from(first)
    expect(all.encode({ ...empty, text: 'x'.repeat(100_000) }, 5)).toHaveLength(100_000 + 5 + 4)
    expect(() => all.encode({ many: [{ ...empty, text: 'half', pet: { type: 'cow' } }] }, 5)).toThrow('cow')
    expect(all.encode({ ...empty, text: 'first' }, 5)).toEqual(copy)
    all.encode({ ...empty, text: 'other' }, 5)
    expect(first).toEqual(copy)
  })
})

describe('JSON', () => {
  const read = (value: unknown): unknown => json.decode(Buffer.from(JSON.stringify(value)))
  const write = (value: object): unknown => JSON.parse(json.encode({ ...empty, ...value }, 0).toString())

  it('has large integers as strings, enums as constants, unions by field, and no nulls', () => {
    const value = {
      bigNumber: 12,
      kind: 'a b',
      numbers: [1],
      pet: { type: 'big-dog', name: 'Rex', lives: [1] },
      noKind: 'file',
    }
    expect(write(value)).toEqual({
      text: '',
      bigNumber: '12',
      kind: 'KIND_A_B',
      numbers: ['1'],
      kinds: [],
      labels: {},
      many: [],
      pet: { bigDog: { type: 'big-dog', name: 'Rex', lives: [1] } },
      noKind: 'KIND_FILE',
      byName: {},
    })
    expect(read(write(value))).toEqual({ ...empty, ...value })
  })

  it.each([
    { name: 'nothing', given: {}, means: {} },
    { name: 'null, which is absent', given: { text: null, numbers: null, nothing: null }, means: {} },
    { name: 'names of the .proto', given: { big_number: 3 }, means: { bigNumber: 3 } },
    { name: 'a number for an int64', given: { bigNumber: 3 }, means: { bigNumber: 3 } },
    { name: 'the number of an enum value', given: { kind: 1 }, means: { kind: 'file' } },
    { name: 'the value of the contract', given: { kind: 'file' }, means: { kind: 'file' } },
    { name: 'an unspecified enum value', given: { kind: 'KIND_UNSPECIFIED' }, means: {} },
    {
      name: 'a union as the contract has it',
      given: { pet: { type: 'cat', name: 'Tom' } },
      means: { pet: { type: 'cat', name: 'Tom', lives: [] } },
    },
    { name: 'fields that nobody knows', given: { later: [1] }, means: {} },
  ])('understands $name', ({ given, means }) => {
    expect(read(given)).toEqual({ ...empty, ...means })
  })

  it.each([
    { name: 'text for a number', given: { bigNumber: 'many' } },
    { name: 'a number with a fraction', given: { bigNumber: '1.5' } },
    { name: 'an enum value that does not exist', given: { kind: 'KIND_COW' } },
    { name: 'an object for a list', given: { numbers: {} } },
    { name: 'a list for an object', given: { inner: [] } },
    { name: 'text for a union', given: { pet: 'cat' } },
  ])('leaves $name to validation', ({ given }) => {
    expect(read(given)).toEqual({ ...empty, ...given })
  })

  it('refuses two variants at once', () => {
    expect(refusal(() => read({ pet: { cat: {}, bigDog: {} } }))).toContain(
      'cat and bigDog exclude each other',
    )
  })

  it('has bytes in base64, URL-safe too', () => {
    const blob = jsonCodec(types, 'test.Blob')
    const data = Buffer.from([0xfb, 0xff, 0])
    expect(JSON.parse(blob.encode({ data }, 0).toString())).toEqual({ data: '+/8A' })
    for (const text of ['+/8A', '-_8A'])
      expect(blob.decode(Buffer.from(JSON.stringify({ data: text })))).toEqual({ data })
    expect(refusal(() => blob.decode(Buffer.from('{"data":"no base64!"}')))).toContain('base64')
  })

  it('keeps keys of maps that JavaScript has a meaning for', () => {
    const { labels } = json.decode(Buffer.from('{"labels":{"__proto__":"polluted"}}')) as { labels: object }
    expect(Object.entries(labels)).toEqual([['__proto__', 'polluted']])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each([
    { name: 'no JSON', text: '{"text":' },
    { name: 'no object', text: '[]' },
    { name: 'nothing at all', text: '' },
    { name: 'too many levels', text: `${'{"inner":'.repeat(102)}{}${'}'.repeat(102)}` },
  ])('refuses $name', ({ text }) => {
    expect(refusal(() => json.decode(Buffer.from(text)))).not.toBe('')
  })

  it('refuses what is not UTF-8', () => {
    expect(refusal(() => json.decode(Buffer.from([0x22, 0xc3, 0x28, 0x22])))).toContain('UTF-8')
  })
})
