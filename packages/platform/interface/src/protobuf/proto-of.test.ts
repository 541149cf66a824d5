import { contract, endpoint } from '@atlas/contract'
import * as fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { contractOf, contractSpec } from '../fixtures/contract-spec.ts'
import { vault } from '../golden/vault.ts'
import { interfaceOf } from '../interface-of.ts'
import { protoOf } from './proto-of.ts'
import { type Protobuf, type ProtobufField, type ProtobufMessage, protobufOf } from './protobuf-of.ts'

/** Google's file, without the documentation. */
const httpBody = `syntax = "proto3";
package google.api;
message HttpBody { string content_type = 1; bytes data = 2; }`

/** Reads a .proto as a caller's tools would, everything resolved. */
function read(proto: string): protobufjs.Root {
  const root = new protobufjs.Root()
  const { imports } = protobufjs.parse(proto, root, { keepCase: true })
  expect(imports ?? []).toEqual(proto.includes('HttpBody') ? ['google/api/httpbody.proto'] : [])
  if (imports?.length) protobufjs.parse(httpBody, root, { keepCase: true })
  root.resolveAll()
  return root
}

function protoFor(input: z.ZodObject): string {
  return protoOf(interfaceOf(contract('any', { call: endpoint({ route: 'POST /call', input }) })))
}

describe('the .proto of a contract', () => {
  it('is read by other tools, and what is written with it is read back', () => {
    fc.assert(
      fc.property(
        contractSpec({ depth: 2, names: ['a', 'fooBar', 'c_d', 'e1'], ids: ['One', 'Two'] }),
        fc.nat(),
        (spec, seed) => {
          const document = interfaceOf(contractOf('some-files', spec))
          const root = read(protoOf(document))
          const protobuf = protobufOf(document)
          for (const message of protobuf.messages.values()) {
            const type = root.lookupType(`some_files.${message.name}`)
            const value = sampleOf(message, protobuf, seed, 3)
            expect(type.verify(value), `${message.name} ${JSON.stringify(value)}`).toBeNull()
            const back = type.toObject(type.decode(type.encode(type.fromObject(value)).finish()), {
              longs: Number,
              enums: Number,
            })
            expect(back).toEqual(value)
          }
          for (const method of protobuf.methods)
            expect(root.lookupService(`some_files.SomeFiles`).methods[method.name]).toMatchObject({
              requestType: method.request,
              requestStream: method.requestStream || undefined,
              responseStream: method.responseStream || undefined,
            })
        },
      ),
      { numRuns: 100 },
    )
  })

  it('carries the numbers of the document', () => {
    const document = interfaceOf(vault)
    const type = read(protoOf(document)).lookupType('vault_files.FileEntry')
    const { fields } = document.protobuf!.messages.FileEntry!
    expect(type.fieldsArray.map(({ name, id }) => [name, id])).toEqual([
      ['type', fields.type],
      ['name', fields.name],
      ['size_bytes', fields.sizeBytes],
      ['checksum', fields.checksum],
      ['labels', fields.labels],
      ['modified_at', fields.modifiedAt],
      ['thumbnail', fields.thumbnail],
    ])
  })

  it('reserves what is gone, in ranges, by number and by name', () => {
    const call = (...names: string[]) =>
      contract('any', {
        call: endpoint({
          route: 'POST /call',
          input: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
        }),
      })
    const previous = interfaceOf(call('a', 'b', 'maxSize', 'd', 'e'))
    const proto = protoOf(interfaceOf(call('d'), { previous }))
    expect(proto).toContain(
      'message CallRequest {\n  reserved 1 to 3, 5;\n  reserved "a", "b", "e", "max_size";\n  string d = 4;\n}',
    )
    const { reserved } = read(proto).lookupType('any.CallRequest')
    expect(reserved).toEqual([[1, 3], [5, 5], 'a', 'b', 'e', 'max_size'])
  })

  it('names the JSON field where protobuf would derive another one', () => {
    expect(protoFor(z.object({ maxSizeMiB: z.int(), created_at: z.string() }))).toContain(
      '  int64 max_size_mi_b = 1;\n  string created_at = 2 [json_name = "created_at"];\n',
    )
  })

  it('calls enum values that have no name, or the name of another one, by their number', () => {
    const kind = z.enum(['a-b', 'a_b', '', 'unspecified', 'inProgress']).meta({ id: 'Kind' })
    expect(protoFor(z.object({ kind }))).toContain(
      [
        'enum Kind {',
        '  KIND_UNSPECIFIED = 0;',
        '  KIND_A_B = 1;',
        '  KIND_VALUE_2 = 2;',
        '  KIND_VALUE_3 = 3;',
        '  KIND_VALUE_4 = 4;',
        '  KIND_IN_PROGRESS = 5;',
        '}',
      ].join('\n'),
    )
  })

  it('makes identifiers of any discriminator', () => {
    const variant = (kind: string) => z.object({ kind: z.literal(kind) })
    const shape = z.discriminatedUnion(
      'kind',
      [variant('kind'), variant('a-b'), variant('2d'), variant('a_b')].map((one, index) =>
        one.meta({ id: `V${index}` }),
      ) as never,
    )
    const proto = protoFor(z.object({ shape }))
    expect(proto).toContain(
      '  oneof one_of_kind {\n    V0 kind = 1;\n    V1 a_b = 2;\n    V2 kind_2d = 3;\n    V3 a_b_ = 4;\n  }',
    )
    expect(() => read(proto)).not.toThrow()
  })

  it('cannot be ended by a description', () => {
    const proto = protoFor(z.object({ a: z.string().describe('one\nmessage Evil {}\r\u2028enum Bad {}') }))
    expect(proto).toContain('  // one\n  // message Evil {}\n  //\n  // enum Bad {}\n')
    expect(read(proto).lookup('Evil')).toBeNull()
  })

  it('is refused for a document that was not generated', () => {
    const document = interfaceOf(vault)
    delete document.protobuf!.messages.Member!.fields.email
    expect(() => protoOf(document)).toThrow(
      /protobuf\.messages\.Member\.fields\.email: has no number\. generate/,
    )
  })
})

/** A value of a message, different for every seed, as protobufjs gives it back. */
function sampleOf(
  message: ProtobufMessage,
  protobuf: Protobuf,
  seed: number,
  depth: number,
): Record<string, unknown> {
  const fields =
    message.oneOf === undefined
      ? message.fields
      : message.fields.slice(seed % message.fields.length).slice(0, 1)
  const value: Record<string, unknown> = {}
  for (const [index, field] of fields.entries()) {
    const sample = sampleFor(field, protobuf, seed + index, depth)
    if (sample === undefined) continue
    value[field.protoName] =
      field.label === 'repeated' ? [sample, sample] : field.label === 'map' ? { k: sample } : sample
  }
  return value
}

function sampleFor({ type }: ProtobufField, protobuf: Protobuf, seed: number, depth: number): unknown {
  switch (type.kind) {
    case 'message':
      return depth === 0 ? undefined : sampleOf(protobuf.messages.get(type.name)!, protobuf, seed, depth - 1)
    case 'enum': {
      const { values } = protobuf.enums.get(type.name)!
      return values[seed % values.length]!.number
    }
    case 'bytes':
      return { content_type: 'text/plain' }
    case 'scalar':
      return {
        string: `s${seed}`,
        bool: true,
        double: seed + 0.1,
        float: (seed % 1000) + 0.5,
        int32: -(seed % 1000) - 1,
        uint32: (seed % 1000) + 1,
        int64: -(2 ** 50) - 1,
      }[type.name]
  }
}
