import { type ByteStream, type Endpoint, isBytes, isStream } from '@atlas/contract'
import type { InterfaceDocument } from '@atlas/interface'
import { type EndpointRunner, type Instance, runnerOf } from '@atlas/sdk'
import { deprecationHeaders } from '../http/deprecation.ts'
import { limitedRunner, runWithin } from '../overload/limited-runner.ts'
import { contractFile } from '../protobuf/contract-file.ts'
import type { ProtoFile, ProtoMethod } from '../protobuf/file.ts'
import { googleFiles } from '../protobuf/google-files.ts'
import { jsonCodec, protoCodec } from '../protobuf/message-codec.ts'
import { protoTypes } from '../protobuf/types.ts'
import { piecesOf, uploadOf } from './byte-pieces.ts'
import type { RpcCall } from './call.ts'
import { errorDetails } from './error-detail.ts'
import type { MethodBase, RpcMethod } from './method.ts'

/** A servlet's gRPC service: the file that describes it, and its methods. */
export interface RpcService {
  readonly file: ProtoFile
  readonly methods: readonly RpcMethod[]
}

/**
 * The service of a running servlet.
 *
 * @throws InterfaceError when its document was not generated and numbers are missing
 */
export function contractService(instance: Instance, document: InterfaceDocument): RpcService {
  const { file, service, endpoints } = contractFile(document)
  const types = protoTypes([file, ...googleFiles])
  const methods = (file.services[0]?.methods ?? []).map((method, index): RpcMethod => {
    const { name, errors } = endpoints[index]!
    const definition = instance.contract.endpoints[name]!
    const codecs = (codec: typeof protoCodec) => ({
      request: codec(types, method.request),
      response: codec(types, method.response),
    })
    const base: MethodBase = {
      path: `/${service}/${method.name}`,
      servlet: instance.name,
      endpoint: name,
      headers: deprecationHeaders(definition, instance.contract),
      access: definition.access,
      noSideEffects: method.idempotency === 'no-side-effects',
      codecs: { proto: codecs(protoCodec), json: codecs(jsonCodec) },
      details: errorDetails(types, errors),
    }
    return methodOf(base, method, definition, limitedRunner(runnerOf(instance, name)))
  })
  return { file, methods }
}

function methodOf(
  base: MethodBase,
  shape: ProtoMethod,
  endpoint: Endpoint,
  runner: EndpointRunner,
): RpcMethod {
  if (shape.requestStream)
    return {
      ...base,
      kind: shape.responseStream ? 'bidi-stream' : 'client-stream',
      open: (inputs: AsyncIterable<unknown>, call: RpcCall) => upload(endpoint, runner, inputs, call),
    }
  if (isBytes(endpoint.output))
    return { ...base, kind: 'server-stream', open: (input, call) => download(runner, input, call) }
  if (isStream(endpoint.output))
    return { ...base, kind: 'server-stream', open: (input, call) => runner.stream(input, call.scope) }
  return { ...base, kind: 'unary', run: (input, call) => runner.unary(input, undefined, call.scope) }
}

async function* download(runner: EndpointRunner, input: unknown, call: RpcCall): AsyncGenerator<unknown> {
  yield* piecesOf((await runWithin(runner, input, undefined, call.scope)) as ByteStream)
}

async function* upload(
  endpoint: Endpoint,
  runner: EndpointRunner,
  inputs: AsyncIterable<unknown>,
  call: RpcCall,
): AsyncGenerator<unknown> {
  const { input, body } = await uploadOf(inputs)
  try {
    if (isStream(endpoint.output)) return yield* runner.stream(input, call.scope)
    const output = await runWithin(runner, input, body, call.scope)
    if (isBytes(endpoint.output)) yield* piecesOf(output as ByteStream)
    else yield output
  } finally {
    // What the handler left. A stream that is being read belongs to its reader.
    if (!body.locked) body.cancel().catch(() => {})
  }
}
