import protobuf from 'protobufjs/minimal.js'
import type { Fields } from './binary-codec.ts'
import type { JsonMapping, JsonTypes } from './json-mapping.ts'

/**
 * The mapping of `google.protobuf.Any`: the JSON of the message that it holds, with `@type`. Of a message that is not known
 * there is no more than that to tell.
 */
export function anyMapping(types: JsonTypes): JsonMapping {
  return {
    toJson({ typeUrl, value }) {
      const name = nameIn(typeUrl as string)
      if (!types.has(name)) return { '@type': typeUrl }
      const reader = protobuf.Reader.create(value as Uint8Array)
      const fields = types.binaryOf(name).decode(reader, reader.len, 0)
      return { '@type': typeUrl, ...types.jsonOf(name).toJson(fields) }
    },
    fromJson(json, depth) {
      const typeUrl = (json as Fields | null)?.['@type']
      if (typeof typeUrl !== 'string') return { typeUrl: '', value: new Uint8Array() }
      const name = nameIn(typeUrl)
      if (!types.has(name)) return { typeUrl, value: new Uint8Array() }
      const writer = protobuf.Writer.create()
      types.binaryOf(name).encode(types.jsonOf(name).fromJson(json, depth + 1) as Fields, writer)
      return { typeUrl, value: writer.finish() }
    },
  }
}

/** `type.googleapis.com/google.rpc.BadRequest` -> `google.rpc.BadRequest` */
function nameIn(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
}
