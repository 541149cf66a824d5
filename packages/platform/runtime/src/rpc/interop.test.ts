import { interfaceOf, protoOf } from '@atlas/interface'
import { Code, ConnectError, type Transport } from '@connectrpc/connect'
import { compressionGzip, createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import grpc from '@grpc/grpc-js'
import protobufjs from 'protobufjs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { events, notes } from '../fixtures/notes.ts'
import { type Server, serve } from '../serve.ts'
import { type DynamicClient, dynamicClient, registryOf } from './fixtures/dynamic-client.ts'
import { startNotes } from './fixtures/exchange.ts'

let server: Server
beforeAll(async () => {
  const instance = await startNotes()
  server = await serve({
    instances: () => [instance],
    authenticate: async (token) => ({ id: token }),
  })
})
afterAll(() => server.close({ graceMs: 0 }))

const document = interfaceOf(notes)
const registry = registryOf(document)

const packed = { sendCompression: compressionGzip, compressMinBytes: 0 }

const ways: Record<string, () => Transport> = {
  'gRPC in protobuf': () => createGrpcTransport({ baseUrl: server.url }),
  'gRPC in JSON': () => createGrpcTransport({ baseUrl: server.url, useBinaryFormat: false }),
  'gRPC, compressed': () => createGrpcTransport({ baseUrl: server.url, ...packed }),
  'Connect in protobuf over HTTP/2': () =>
    createConnectTransport({ baseUrl: server.url, httpVersion: '2', useBinaryFormat: true }),
  'Connect in JSON over HTTP/2': () => createConnectTransport({ baseUrl: server.url, httpVersion: '2' }),
  'Connect in protobuf over HTTP/1.1': () =>
    createConnectTransport({ baseUrl: server.url, httpVersion: '1.1', useBinaryFormat: true }),
  'Connect in JSON over HTTP/1.1, by GET': () =>
    createConnectTransport({ baseUrl: server.url, httpVersion: '1.1', useHttpGet: true }),
  'Connect over HTTP/1.1, compressed': () =>
    createConnectTransport({ baseUrl: server.url, httpVersion: '1.1', ...packed }),
}

async function failing(call: Promise<unknown>): Promise<ConnectError> {
  const reason = await call.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  expect(reason).toBeInstanceOf(ConnectError)
  return reason as ConnectError
}

async function all(items: AsyncIterable<any>): Promise<any[]> {
  const list: any[] = []
  for await (const item of items) list.push(item)
  return list
}

/** A detail of an error as plain fields. */
function detail(error: ConnectError, type: string): Record<string, any> {
  const [found] = error.findDetails(registry.getMessage(type)!)
  const { $typeName, ...fields } = (found ?? {}) as unknown as Record<string, any>
  return fields
}

const encoder = new TextEncoder()
async function* upload(...pieces: string[]) {
  yield { path: 'a/b', body: { contentType: 'text/plain', data: encoder.encode(pieces[0]) } }
  for (const piece of pieces.slice(1)) yield { body: { data: encoder.encode(piece) } }
}

describe.each(Object.keys(ways))('connect-node by %s', (way) => {
  let client: DynamicClient
  beforeAll(() => {
    client = dynamicClient(notes, ways[way]!())
  })

  it('calls', async () => {
    const created = await client.create!({
      folder: 'f',
      title: 'Grüße',
      tags: ['a', 'b'],
      place: { row: 1n, column: -2n },
    })
    expect(created).toMatchObject({
      folder: 'f',
      title: 'Grüße',
      stars: 3n,
      tags: ['a', 'b'],
      place: { row: 1n, column: -2n },
    })
  })

  it('leaves out what it does not say', async () => {
    const { seen } = await client.find!({})
    expect(JSON.parse(seen)).toEqual({ limit: 10, deep: false, ids: [] })
    const more = await client.find!({ text: '', colour: 2, ids: [1n], weight: 0 })
    expect(JSON.parse(more.seen)).toEqual({
      text: '',
      limit: 10,
      deep: false,
      colour: 'green',
      ids: [1],
      weight: 0,
    })
  })

  it('sends and gets much', async () => {
    const title = 'много '.repeat(100_000)
    expect((await client.create!({ folder: 'f', title })).title).toBe(title)
  })

  it('gets typed errors', async () => {
    const error = await failing(client.fail!({ how: 'full' }))
    expect([error.code, error.rawMessage]).toEqual([Code.ResourceExhausted, 'no room left'])
    expect(detail(error, 'notes.FailFullError')).toEqual({ quotaBytes: 10n })
  })

  it('is told what is wrong with an input', async () => {
    const error = await failing(client.create!({ folder: 'f' }))
    expect(error.code).toBe(Code.InvalidArgument)
    expect(detail(error, 'google.rpc.BadRequest').fieldViolations[0].field).toBe('title')
  })

  it('is told nothing of a crash', async () => {
    const error = await failing(client.fail!({ how: 'crash' }))
    expect([error.code, error.rawMessage, error.details]).toEqual([Code.Internal, 'internal error', []])
  })

  it('signs in', async () => {
    expect((await failing(client.me!({}))).code).toBe(Code.Unauthenticated)
    expect((await failing(client.inside!({}))).code).toBe(Code.PermissionDenied)
    expect(await client.me!({}, { headers: { authorization: 'Bearer ada' } })).toMatchObject({ id: 'ada' })
  })

  it('reads a stream', async () => {
    const items = await all(client.count!({ to: 300n }))
    expect(items.map(({ n }) => Number(n))).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('reads a stream until it fails', async () => {
    const seen: bigint[] = []
    const error = await failing(
      (async () => {
        for await (const { n } of client.count!({ to: 5n, failAt: 3n })) seen.push(n)
      })(),
    )
    expect(seen).toEqual([1n, 2n])
    expect(error.code).toBe(Code.Unavailable)
    expect(detail(error, 'notes.CountStuckError')).toEqual({ at: 3n })
  })

  it('stops a stream', async () => {
    events.length = 0
    const controller = new AbortController()
    const error = await failing(
      (async () => {
        for await (const { n } of client.count!({ to: 1_000_000_000n }, { signal: controller.signal }))
          if (n === 3n) controller.abort()
      })(),
    )
    expect(error.code).toBe(Code.Canceled)
    await vi.waitFor(() => expect(events).toContain('returned'), { timeout: 15_000 })
  })

  it('uploads and downloads', async () => {
    expect(await client.upload!(upload('hel', '', 'lo'))).toMatchObject({
      path: 'a/b',
      type: 'text/plain',
      sizeBytes: 5n,
    })
    const error = await failing(client.upload!(upload('x'.repeat(1001))))
    expect(error.code).toBe(Code.ResourceExhausted)
    const [piece, ...more] = await all(client.download!({ how: 1 }))
    expect([piece.contentType, Buffer.from(piece.data).toString(), more]).toEqual([
      'text/plain; charset=utf-8',
      'Grüße',
      [],
    ])
  })

  it('has a deadline, which reaches the handler', async () => {
    events.length = 0
    const error = await failing(client.wait!({ heed: true }, { timeoutMs: 50 }))
    expect(error.code).toBe(Code.DeadlineExceeded)
    await vi.waitFor(() => expect(events.join()).toMatch(/stopped: (deadline_exceeded|canceled)/))
  })

  it('gives up, which reaches the handler', async () => {
    events.length = 0
    const controller = new AbortController()
    const waiting = failing(client.wait!({ heed: true }, { signal: controller.signal }))
    setTimeout(() => controller.abort(), 50)
    expect((await waiting).code).toBe(Code.Canceled)
    await vi.waitFor(() => expect(events).toEqual(['stopped: canceled']), { timeout: 15_000 })
  })
})

describe('grpc-js, from the text of the .proto', () => {
  const { root } = protobufjs.parse(protoOf(document), new protobufjs.Root())
  protobufjs.parse(
    'syntax = "proto3"; package google.api; message HttpBody { string content_type = 1; bytes data = 2; }',
    root,
  )
  protobufjs.parse(
    `syntax = "proto3"; package google.rpc; import "google/protobuf/any.proto";
     message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }`,
    root,
  )
  protobufjs.parse(
    'syntax = "proto3"; package google.protobuf; message Any { string type_url = 1; bytes value = 2; }',
    root,
  )
  root.resolveAll()
  const type = (name: string) => root.lookupType(name)
  const serialize = (name: string) => (value: object) =>
    Buffer.from(type(name).encode(type(name).fromObject(value)).finish())
  const deserialize = (name: string) => (bytes: Buffer) =>
    type(name).toObject(type(name).decode(bytes), { longs: Number }) as Record<string, any>

  let client: grpc.Client
  beforeAll(() => {
    client = new grpc.Client(server.url.replace('http://', ''), grpc.credentials.createInsecure())
  })
  afterAll(() => client.close())

  const unary = (
    method: string,
    input: object,
    metadata = new grpc.Metadata(),
    options: grpc.CallOptions = {},
  ) =>
    new Promise<Record<string, any>>((resolve, reject) => {
      client.makeUnaryRequest(
        `/notes.Notes/${method}`,
        serialize(`notes.${method}Request`),
        deserialize(`notes.${method}Response`),
        input,
        metadata,
        options,
        (error, value) => (error ? reject(error) : resolve(value!)),
      )
    })

  it('calls', async () => {
    const created = await unary('Create', { folder: 'f', title: 't', place: { row: 1, column: 2 } })
    expect(created).toEqual({ folder: 'f', title: 't', stars: 3, place: { row: 1, column: 2 } })
  })

  it('compresses', async () => {
    const title = 'hello '.repeat(10_000)
    const compressing = new grpc.Client(
      server.url.replace('http://', ''),
      grpc.credentials.createInsecure(),
      {
        'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
      },
    )
    const created = await new Promise<Record<string, any>>((resolve, reject) => {
      compressing.makeUnaryRequest(
        '/notes.Notes/Create',
        serialize('notes.CreateRequest'),
        deserialize('notes.CreateResponse'),
        { folder: 'f', title },
        (error, value) => (error ? reject(error) : resolve(value!)),
      )
    })
    compressing.close()
    expect(created.title).toBe(title)
  })

  it('gets typed errors', async () => {
    const error: grpc.ServiceError = await unary('Fail', { how: 'full' }).catch((reason) => reason)
    expect([error.code, error.details]).toEqual([grpc.status.RESOURCE_EXHAUSTED, 'no room left'])
    const [bytes] = error.metadata.get('grpc-status-details-bin') as [Buffer]
    const { details } = deserialize('google.rpc.Status')(bytes)
    expect(details[0].type_url ?? details[0].typeUrl).toBe('type.googleapis.com/notes.FailFullError')
    expect(deserialize('notes.FailFullError')(details[0].value)).toEqual({ quotaBytes: 10 })
  })

  it('signs in, and has deadlines', async () => {
    const metadata = new grpc.Metadata()
    metadata.set('authorization', 'Bearer ada')
    expect(await unary('Me', {}, metadata)).toEqual({ id: 'ada' })
    const late = await unary('Wait', { heed: true }, undefined, { deadline: Date.now() + 50 }).catch(
      (reason) => reason,
    )
    expect(late.code).toBe(grpc.status.DEADLINE_EXCEEDED)
  })

  it('reads a stream, and stops one', async () => {
    const stream = (input: object) =>
      client.makeServerStreamRequest(
        '/notes.Notes/Count',
        serialize('notes.CountRequest'),
        deserialize('notes.CountResponse'),
        input,
      )
    expect((await all(stream({ to: 3 }))).map(({ n }) => n)).toEqual([1, 2, 3])
    const failed = await all(stream({ to: 3, failAt: 1 })).catch((reason: grpc.ServiceError) => reason)
    expect(failed).toMatchObject({ code: grpc.status.UNAVAILABLE, details: 'stuck' })
    events.length = 0
    const endless = stream({ to: 1_000_000_000 })
    endless.on('error', () => {})
    endless.once('data', () => endless.cancel())
    await vi.waitFor(() => expect(events).toContain('returned'), { timeout: 15_000 })
  })

  it('uploads in pieces', async () => {
    const answer = await new Promise<Record<string, any>>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        '/notes.Notes/Upload',
        serialize('notes.UploadRequest'),
        deserialize('notes.UploadResponse'),
        (error: grpc.ServiceError | null, value?: Record<string, any>) =>
          error ? reject(error) : resolve(value!),
      )
      call.write({ path: 'a', body: { contentType: 'image/png', data: Buffer.from('12') } })
      call.write({ body: { data: Buffer.from('345') } })
      call.end()
    })
    expect(answer).toMatchObject({ path: 'a', type: 'image/png', sizeBytes: 5 })
  })
})
