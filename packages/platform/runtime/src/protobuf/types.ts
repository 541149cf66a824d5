import { type BinaryCodec, binaryCodec } from './binary-codec.ts'
import type { ProtoEnum, ProtoFile, ProtoMessage } from './file.ts'
import { type JsonMapping, jsonMapping } from './json-mapping.ts'

/** The messages and enums of some files. Codecs are made when they are first needed. */
export interface ProtoTypes {
  binaryOf(message: string): BinaryCodec
  jsonOf(message: string): JsonMapping
  enumOf(name: string): ProtoEnum
  /** Whether there is such a message. */
  has(message: string): boolean
}

/** The types of files, and of those that they import. */
export function protoTypes(files: readonly ProtoFile[]): ProtoTypes {
  const messages = new Map(files.flatMap((file) => file.messages.map((each) => [each.name, each])))
  const enums = new Map(files.flatMap((file) => file.enums.map((each) => [each.name, each])))
  const types: ProtoTypes = {
    binaryOf: remembered(messages, (message) => binaryCodec(message, types)),
    jsonOf: remembered(messages, (message) => jsonMapping(message, types)),
    enumOf: (name) => found(enums, name),
    has: (name) => messages.has(name),
  }
  return types
}

function remembered<T>(
  messages: ReadonlyMap<string, ProtoMessage>,
  make: (message: ProtoMessage) => T,
): (name: string) => T {
  const made = new Map<string, T>()
  return (name) => {
    let known = made.get(name)
    if (known === undefined) {
      known = make(found(messages, name))
      made.set(name, known)
    }
    return known
  }
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name)
  if (value === undefined) throw new TypeError(`there is no protobuf type '${name}'`)
  return value
}
