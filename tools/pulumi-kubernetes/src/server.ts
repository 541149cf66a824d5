import { createRequire } from 'node:module'
import type { Server, ServiceError, UntypedServiceImplementation } from '@grpc/grpc-js'
import * as grpc from '@grpc/grpc-js'
import type { Fields, Value } from './values.ts'

// Pulumi's messages are CommonJS without named exports.
const require = createRequire(import.meta.url)

/** Pulumi's messages and services, as `@pulumi/pulumi` carries them. */
export const protocol = {
  provider: require('@pulumi/pulumi/proto/provider_pb.js'),
  providerService: require('@pulumi/pulumi/proto/provider_grpc_pb.js'),
  language: require('@pulumi/pulumi/proto/language_pb.js'),
  languageService: require('@pulumi/pulumi/proto/language_grpc_pb.js'),
  engine: require('@pulumi/pulumi/proto/engine_pb.js'),
  engineService: require('@pulumi/pulumi/proto/engine_grpc_pb.js'),
  plugin: require('@pulumi/pulumi/proto/plugin_pb.js'),
  status: require('@pulumi/pulumi/proto/status_pb.js'),
  struct: require('google-protobuf/google/protobuf/struct_pb.js').Struct,
  any: require('google-protobuf/google/protobuf/any_pb.js').Any,
  empty: require('google-protobuf/google/protobuf/empty_pb.js').Empty,
}

/** An object of a message; an empty one when the field is absent. */
export function fromStruct(struct: { toJavaScript(): unknown } | undefined): Fields {
  return (struct?.toJavaScript() ?? {}) as Fields
}

/** A message's form of an object. */
export function toStruct(fields: Fields): unknown {
  return protocol.struct.fromJavaScript(withoutUndefined(fields))
}

function withoutUndefined(value: Value): Value {
  // A round trip drops what JSON has no word for.
  return JSON.parse(JSON.stringify(value)) as Value
}

/** An error that the engine is told with its code. */
export function failure(code: grpc.status, message: string): Partial<ServiceError> {
  return { code, message, details: message }
}

/** What the engine is told of an object that is there and does not work: it keeps the state, and updates it the next time. */
export interface InitFailure {
  readonly id: string
  readonly properties: Fields
  readonly inputs: Fields
  readonly reasons: readonly string[]
}

/** The error of an object that was made and did not become ready, with all that the engine has to remember of it. */
export function initFailure(
  what: string,
  { id, properties, inputs, reasons }: InitFailure,
): Partial<ServiceError> {
  const detail = new protocol.provider.ErrorResourceInitFailed()
  detail.setId(id)
  detail.setProperties(toStruct(properties))
  detail.setInputs(toStruct(inputs))
  detail.setReasonsList([...reasons])
  const packed = new protocol.any()
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed')
  const message = `${what}: ${reasons.join('; ')}`
  const status = new protocol.status.Status()
  status.setCode(grpc.status.UNKNOWN)
  status.setMessage(message)
  status.addDetails(packed)
  const metadata = new grpc.Metadata()
  // Where gRPC carries a status with details; grpc-js has no word for it.
  metadata.add('grpc-status-details-bin', Buffer.from(status.serializeBinary()))
  return { code: grpc.status.UNKNOWN, message, details: message, metadata }
}

/** A method that answers with a promise. */
export type Method = (request: any) => Promise<unknown>

/** Serves a service on a port of loopback and says the port on stdout, as the engine expects of its plugins. */
export async function serve(service: unknown, methods: Readonly<Record<string, Method>>): Promise<Server> {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': 400 * 1024 * 1024,
    'grpc.max_send_message_length': 400 * 1024 * 1024,
  })
  const implementation: UntypedServiceImplementation = {}
  for (const [name, method] of Object.entries(methods)) {
    implementation[name] = (call: any, callback: any) => {
      method(call.request).then(
        (response) => callback(null, response),
        (error: Partial<ServiceError> & Error) =>
          callback(
            'code' in error && typeof error.code === 'number'
              ? error
              : failure(grpc.status.UNKNOWN, error.message),
          ),
      )
    }
  }
  server.addService(service as never, implementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  process.stdout.write(`${port}\n`)
  endWithParent()
  return server
}

const lookMs = 1000

/** An engine that is killed cannot end its plugins, and they are in process groups of their own. */
function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0)
  }, lookMs).unref()
}
