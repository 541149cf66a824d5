import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { describe, expect, it } from 'vitest'
import { enveloped } from '../rpc/envelope.ts'
import { exchange, notesDispatcher } from '../rpc/fixtures/exchange.ts'
import { framesOf } from '../rpc/fixtures/notes-codec.ts'

const dispatcher = await notesDispatcher()

interface Answered {
  readonly originalRequest?: object
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly string[] }
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] }
  readonly errorResponse?: { readonly errorCode: number }
  readonly allExtensionNumbersResponse?: object
}

async function ask(questions: readonly object[], version = 'v1'): Promise<Answered[]> {
  const { body, trailers } = await exchange(dispatcher, {
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    headers: { 'content-type': 'application/grpc+json' },
    body: questions.map((question) => enveloped(Buffer.from(JSON.stringify(question)), 0)),
  })
  expect(trailers.get('grpc-status')).toBe('0')
  return framesOf(body).map(({ message }) => JSON.parse(message.toString()))
}

function filesOf({ fileDescriptorResponse }: Answered) {
  return fileDescriptorResponse?.fileDescriptorProto.map((file) =>
    fromBinary(FileDescriptorProtoSchema, Buffer.from(file, 'base64')),
  )
}

describe('reflection', () => {
  it.each(['v1', 'v1alpha'])('%s lists the services', async (version) => {
    const [answer] = await ask([{ listServices: '' }], version)
    expect(answer!.listServicesResponse!.service.map(({ name }) => name)).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'notes.Notes',
    ])
  })

  it('answers many questions in turn, each beside its answer', async () => {
    const questions = [
      { host: 'a', listServices: '' },
      { fileByFilename: 'notes.proto' },
      { fileByFilename: 'no' },
    ]
    const answers = await ask(questions)
    expect(answers.map(({ originalRequest }) => originalRequest)).toEqual([
      questions[0],
      { host: '', ...questions[1] },
      { host: '', ...questions[2] },
    ])
    expect(answers[2]!.errorResponse!.errorCode).toBe(5)
  })

  it.each([
    {
      symbol: 'notes.Notes',
      files: ['notes.proto', 'google/api/httpbody.proto', 'google/protobuf/any.proto'],
    },
    {
      symbol: 'notes.Notes.Echo',
      files: ['notes.proto', 'google/api/httpbody.proto', 'google/protobuf/any.proto'],
    },
    {
      symbol: 'notes.EchoRequest',
      files: ['notes.proto', 'google/api/httpbody.proto', 'google/protobuf/any.proto'],
    },
    { symbol: 'google.api.HttpBody', files: ['google/api/httpbody.proto', 'google/protobuf/any.proto'] },
    {
      symbol: 'google.rpc.BadRequest.FieldViolation',
      files: ['google/rpc/error_details.proto', 'google/protobuf/duration.proto'],
    },
    { symbol: 'google.protobuf.NullValue', files: ['google/protobuf/struct.proto'] },
    { symbol: 'grpc.health.v1.HealthCheckResponse.ServingStatus', files: ['grpc/health/v1/health.proto'] },
    { symbol: 'notes.Notes.Nothing', files: undefined },
    { symbol: '', files: undefined },
    { symbol: '__proto__', files: undefined },
  ])('finds the files of $symbol', async ({ symbol, files }) => {
    const [answer] = await ask([{ fileContainingSymbol: symbol }])
    expect(filesOf(answer!)?.map(({ name }) => name)).toEqual(files)
  })

  it('gives descriptors that other implementations can link', async () => {
    const [answer] = await ask([{ fileContainingSymbol: 'notes.Notes' }])
    // The one that was asked for comes first; this registry wants those that it imports before it.
    const set = create(FileDescriptorSetSchema, { file: filesOf(answer!)!.toReversed() })
    const registry = createFileRegistry(set)
    const service = registry.getService('notes.Notes')!
    expect(service.method.upload?.methodKind).toBe('client_streaming')
    expect(service.method.download?.output.typeName).toBe('google.api.HttpBody')
    expect(service.method.create?.input.field.place?.fieldKind).toBe('message')
    expect(service.method.find?.idempotency).toBe(1)
    for (const name of ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection']) {
      const [described] = await ask([{ fileContainingSymbol: name }])
      const files = create(FileDescriptorSetSchema, { file: filesOf(described!)! })
      expect(createFileRegistry(files).getService(name)!.methods.length).toBeGreaterThan(0)
    }
  })

  it('knows of no extensions', async () => {
    const [numbers, unknown, extension] = await ask([
      { allExtensionNumbersOfType: 'notes.EchoRequest' },
      { allExtensionNumbersOfType: 'notes.Nothing' },
      { fileContainingExtension: { containingType: 'notes.EchoRequest', extensionNumber: 1 } },
    ])
    expect(numbers!.allExtensionNumbersResponse).toEqual({
      baseTypeName: 'notes.EchoRequest',
      extensionNumber: [],
    })
    expect(unknown!.errorResponse!.errorCode).toBe(5)
    expect(extension!.errorResponse!.errorCode).toBe(5)
  })
})
