import type { Reader, Writer } from 'protobufjs/minimal.js'
import type { ScalarName } from './file.ts'
import { readSafeInteger } from './safe-integer.ts'

/** How values of a scalar type travel. */
export interface Scalar<T = any> {
  /** 0 varint, 1 eight bytes, 2 with its length, 5 four bytes. */
  readonly wireType: 0 | 1 | 2 | 5
  /** What an absent field without presence has. */
  readonly zero: T
  /** Whether a field without presence may be left out. */
  isZero(value: T): boolean
  write(writer: Writer, value: T): void
  read(reader: Reader): T
}

/** The scalar types. */
export const scalars: Readonly<Record<ScalarName, Scalar>> = {
  string: {
    wireType: 2,
    zero: '',
    isZero: (value: string) => value === '',
    write: (writer, value: string) => writer.string(value),
    read: (reader) => reader.stringVerify(),
  },
  bool: {
    wireType: 0,
    zero: false,
    isZero: (value: boolean) => !value,
    write: (writer, value: boolean) => writer.bool(value),
    read: (reader) => reader.bool(),
  },
  int32: integer({
    write: (writer, value) => writer.int32(value),
    read: (reader) => reader.int32(),
  }),
  uint32: integer({
    write: (writer, value) => writer.uint32(value),
    read: (reader) => reader.uint32(),
  }),
  int64: integer({
    write: (writer, value) => (value >= 0 && value < 2 ** 32 ? writer.uint32(value) : writer.int64(value)),
    read: readSafeInteger,
  }),
  double: {
    wireType: 1,
    zero: 0,
    isZero: isPositiveZero,
    write: (writer, value: number) => writer.double(value),
    read: (reader) => reader.double(),
  },
  float: {
    wireType: 5,
    zero: 0,
    isZero: isPositiveZero,
    write: (writer, value: number) => writer.float(value),
    read: (reader) => reader.float(),
  },
  bytes: {
    wireType: 2,
    zero: new Uint8Array(),
    isZero: (value: Uint8Array) => value.byteLength === 0,
    write: (writer, value: Uint8Array) => writer.bytes(value),
    read: (reader) => reader.bytes(),
  },
}

function integer(way: Pick<Scalar<number>, 'read' | 'write'>): Scalar<number> {
  return { wireType: 0, zero: 0, isZero: (value) => value === 0, ...way }
}

function isPositiveZero(value: number): boolean {
  return Object.is(value, 0)
}
