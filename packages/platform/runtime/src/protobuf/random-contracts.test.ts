import { isDeepStrictEqual } from 'node:util'
import { type AtlasError, type Contract, type Parsed, parserOf } from '@atlas/contract'
import { interfaceOf, protoOf } from '@atlas/interface'
import { create, createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { contractFile } from './contract-file.ts'
import { fileDescriptor } from './file-descriptor.ts'
import { contractWithValues } from './fixtures/random-contract.ts'
import { googleFiles } from './google-files.ts'
import { jsonCodec, type MessageCodec, protoCodec } from './message-codec.ts'
import { protoTypes } from './types.ts'

const name = 'random.SwapResponse'

function codecsOf(contract: Contract): {
  document: ReturnType<typeof interfaceOf>
  proto: MessageCodec
  json: MessageCodec
  descriptor: Uint8Array
} {
  const document = interfaceOf(contract)
  const { file } = contractFile(document)
  const types = protoTypes([file, ...googleFiles])
  return {
    document,
    proto: protoCodec(types, name),
    json: jsonCodec(types, name),
    descriptor: fileDescriptor(file),
  }
}

function value<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  throw new Error(JSON.stringify(parsed.issues))
}

/** Random contracts, each with values as handlers give them. */
const law = (
  check: (contract: Contract, parse: (value: unknown) => unknown, values: unknown[]) => void,
): void =>
  fc.assert(
    fc.property(contractWithValues, ({ contract, schema, values }) => {
      const parse = (given: unknown): unknown => value(parserOf(schema)(given))
      check(contract, parse, values.map(parse))
    }),
    { numRuns: 100 },
  )

describe('random contracts and values', () => {
  it('are the same after encoding and decoding', () => {
    law((contract, parse, values) => {
      const { proto, json } = codecsOf(contract)
      for (const value of values)
        for (const codec of [proto, json]) expect(parse(codec.decode(codec.encode(value, 0)))).toEqual(value)
    })
  })

  it('are read and written alike by protobuf.js, from the text of the .proto', () => {
    law((contract, parse, values) => {
      const { document, proto } = codecsOf(contract)
      const type = protobufjs.parse(protoOf(document)).root.lookupType(name)
      for (const value of values) {
        const theirs = type.encode(type.decode(proto.encode(value, 0))).finish()
        expect(parse(proto.decode(theirs))).toEqual(value)
      }
    })
  })

  it('are read and written alike by protobuf-es, from the descriptor', () => {
    law((contract, parse, values) => {
      const { proto, json, descriptor } = codecsOf(contract)
      const file = fromBinary(FileDescriptorProtoSchema, descriptor)
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }))
      const schema = registry.getMessage(name)!
      for (const value of values) {
        const message = fromBinary(schema, proto.encode(value, 0))
        expect(parse(proto.decode(Buffer.from(toBinary(schema, message))))).toEqual(value)
        const said = toJson(schema, message, { alwaysEmitImplicit: false })
        expect(parse(json.decode(Buffer.from(JSON.stringify(said))))).toEqual(value)
        const told = fromJson(schema, JSON.parse(json.encode(value, 0).toString()))
        expect(isDeepStrictEqual(parse(proto.decode(Buffer.from(toBinary(schema, told)))), value)).toBe(true)
      }
    })
  })
})

describe('bytes that are no message', () => {
  it('are refused or read, and do nothing else', () => {
    fc.assert(
      fc.property(
        contractWithValues,
        fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(3))),
        ({ contract, schema, values }, edits) => {
          const { proto, json } = codecsOf(contract)
          const parse = parserOf(schema)
          for (const codec of [proto, json]) {
            let bytes = codec.encode(value(parse(values[0])), 0)
            for (const [at, byte, what] of edits) bytes = edited(bytes, at % (bytes.length + 1), byte, what)
            try {
              parse(codec.decode(bytes))
            } catch (reason) {
              expect((reason as AtlasError).code).toBe('invalid_argument')
            }
          }
          expect(Object.keys(Object.prototype)).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})

function edited(bytes: Buffer, at: number, byte: number, what: number): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  if (what === 0) return before
  if (what === 1) return Buffer.concat([before, Buffer.from([byte]), after])
  if (what === 2) return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)])
  return Buffer.concat([bytes, before])
}
