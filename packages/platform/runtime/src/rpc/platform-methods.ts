import type { ProtoFile } from '../protobuf/file.ts'
import { googleFiles } from '../protobuf/google-files.ts'
import { jsonCodec, protoCodec } from '../protobuf/message-codec.ts'
import { protoTypes } from '../protobuf/types.ts'
import { errorDetails } from './error-detail.ts'
import type { ClientStreamMethod, MethodBase, ServerStreamMethod, UnaryMethod } from './method.ts'

/** Makes methods of a service that the platform has itself. Anybody may call them. */
export interface PlatformMethods {
  unary(name: string, run: UnaryMethod['run']): UnaryMethod
  serverStream(name: string, open: ServerStreamMethod['open']): ServerStreamMethod
  bidiStream(name: string, open: ClientStreamMethod['open']): ClientStreamMethod
}

/** Makes methods of a service as its file describes them. */
export function platformMethods(file: ProtoFile, service: string): PlatformMethods {
  const types = protoTypes([file, ...googleFiles])
  const details = errorDetails(types, new Map())
  const base = (name: string): MethodBase => {
    const method = file.services
      .find((each) => each.name === service)
      ?.methods.find((each) => each.name === name)
    if (!method) throw new TypeError(`${file.name} has no method ${service}.${name}`)
    const codecs = (codec: typeof protoCodec) => ({
      request: codec(types, method.request),
      response: codec(types, method.response),
    })
    return {
      path: `/${file.package}.${service}/${name}`,
      servlet: `${file.package}.${service}`,
      // What no servlet serves is neither counted nor limited.
      endpoint: undefined,
      headers: [],
      access: 'public',
      noSideEffects: false,
      codecs: { proto: codecs(protoCodec), json: codecs(jsonCodec) },
      details,
    }
  }
  return {
    unary: (name, run) => ({ ...base(name), kind: 'unary', run }),
    serverStream: (name, open) => ({ ...base(name), kind: 'server-stream', open }),
    bidiStream: (name, open) => ({ ...base(name), kind: 'bidi-stream', open }),
  }
}
