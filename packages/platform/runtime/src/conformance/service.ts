import { setTimeout } from 'node:timers/promises'
import { AtlasError, type Code } from '@atlas/contract'
import { googleFiles } from '../protobuf/google-files.ts'
import { jsonCodec, type MessageCodec, protoCodec } from '../protobuf/message-codec.ts'
import { protoTypes } from '../protobuf/types.ts'
import type { RpcCall } from '../rpc/call.ts'
import type { RpcService } from '../rpc/contract-methods.ts'
import type { ErrorDetail } from '../rpc/error-detail.ts'
import type { MethodBase, MethodCodecs } from '../rpc/method.ts'
import type {
  Any,
  Header,
  StreamDefinition,
  UnaryDefinition,
  WantedError,
  WantedRequest,
} from './messages.ts'
import { conformanceFile } from './service-file.ts'

const types = protoTypes([conformanceFile, ...googleFiles])
const packageName = conformanceFile.package
const infoCodec = protoCodec(types, `${packageName}.ConformancePayload.RequestInfo`)

/** The service of the conformance suite. It answers what each request asks for, and says what it saw. */
export const conformanceService: RpcService = {
  file: conformanceFile,
  methods: [
    { ...base('Unary'), kind: 'unary', run: (input, call) => unary('Unary', [input], call) },
    {
      ...base('IdempotentUnary'),
      kind: 'unary',
      noSideEffects: true,
      run: (input, call) => unary('IdempotentUnary', [input], call),
    },
    {
      ...base('Unimplemented'),
      kind: 'unary',
      run: async () => {
        throw new AtlasError('unimplemented', 'not served, as it should be')
      },
    },
    {
      ...base('ClientStream'),
      kind: 'client-stream',
      async open(inputs, call) {
        const all: unknown[] = []
        for await (const input of inputs) all.push(input)
        return one(await unary('ClientStream', all, call))
      },
    },
    {
      ...base('ServerStream'),
      kind: 'server-stream',
      open(input, call) {
        const { responseDefinition } = input as WantedRequest<StreamDefinition>
        say(call, responseDefinition)
        return answers(responseDefinition, () => requestInfo('ServerStream', [input], call))
      },
    },
    { ...base('BidiStream'), kind: 'bidi-stream', open: bidi },
  ],
}

async function unary(method: string, inputs: readonly unknown[], call: RpcCall): Promise<object> {
  const first = inputs[0] as WantedRequest<UnaryDefinition> | undefined
  const definition = first?.responseDefinition
  const info = requestInfo(method, inputs, call)
  say(call, definition)
  await setTimeout(definition?.responseDelayMs ?? 0)
  if (definition?.error) throw errorOf(definition.error, info)
  return { payload: { data: definition?.responseData ?? new Uint8Array(), requestInfo: info } }
}

async function bidi(inputs: AsyncIterable<unknown>, call: RpcCall): Promise<AsyncIterable<unknown>> {
  const requests = inputs[Symbol.asyncIterator]()
  const first = await requests.next()
  const input = first.done ? undefined : (first.value as WantedRequest<StreamDefinition>)
  const definition = input?.responseDefinition
  say(call, definition)
  if (input?.fullDuplex) return fullDuplex(input, requests, call)
  const all = first.done ? [] : [input]
  for (let next = first; !next.done; ) {
    next = await requests.next()
    if (!next.done) all.push(next.value as WantedRequest<StreamDefinition>)
  }
  return answers(definition, () => requestInfo('BidiStream', all, call))
}

async function* fullDuplex(
  first: WantedRequest<StreamDefinition>,
  requests: AsyncIterator<unknown>,
  call: RpcCall,
): AsyncGenerator<unknown> {
  const data = first.responseDefinition?.responseData ?? []
  let input: unknown = first
  let sent = 0
  for (; input !== undefined && sent < data.length; sent++) {
    await setTimeout(first.responseDefinition?.responseDelayMs ?? 0)
    const info =
      sent === 0
        ? requestInfo('BidiStream', [input], call)
        : { requestHeaders: [], requests: [anyOf('BidiStream', input)] }
    yield { payload: { data: data[sent]!, requestInfo: info } }
    const next = await requests.next()
    input = next.done ? undefined : next.value
  }
  const rest = first.responseDefinition && {
    ...first.responseDefinition,
    responseData: data.slice(sent),
  }
  yield* answers(rest, sent === 0 ? () => requestInfo('BidiStream', [first], call) : undefined)
}

async function* answers(
  definition: StreamDefinition | undefined,
  info: (() => object) | undefined,
): AsyncGenerator<unknown> {
  let first = info
  for (const data of definition?.responseData ?? []) {
    await setTimeout(definition?.responseDelayMs ?? 0)
    yield { payload: { data, ...(first ? { requestInfo: first() } : {}) } }
    first = undefined
  }
  if (definition?.error) throw errorOf(definition.error, first?.())
}

async function* one(value: unknown): AsyncGenerator<unknown> {
  yield value
}

/** An error that the suite asked for, with its details. */
class AskedError extends AtlasError {
  readonly details: readonly ErrorDetail[]

  constructor(code: Code, message: string, details: readonly ErrorDetail[]) {
    super(code, message)
    this.details = details
  }
}

function errorOf({ code, message, details }: WantedError, info: object | undefined): AskedError {
  const own = info
    ? [
        {
          typeUrl: `type.googleapis.com/${packageName}.ConformancePayload.RequestInfo`,
          value: infoCodec.encode(info, 0),
        },
      ]
    : []
  return new AskedError(
    code.replace('CODE_', '').toLowerCase() as Code,
    message ?? '',
    [...details, ...own].map(({ typeUrl, value }: Any) => ({
      type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1),
      value,
    })),
  )
}

function say(
  call: RpcCall,
  definition: Pick<UnaryDefinition, 'responseHeaders' | 'responseTrailers'> | undefined,
): void {
  if (!definition) return
  call.headers = linesOf(definition.responseHeaders)
  call.trailers = linesOf(definition.responseTrailers)
}

function linesOf(headers: readonly Header[]): string[] {
  return headers.flatMap(({ name, value }) => value.flatMap((each) => [name.toLowerCase(), each]))
}

function requestInfo(method: string, inputs: readonly unknown[], { request }: RpcCall): object {
  const { headers, query } = request
  const timeoutMs = timeoutOf(headers['connect-timeout-ms'], headers['grpc-timeout'])
  return {
    requestHeaders: Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => ({ name, value: Array.isArray(value) ? value : String(value).split(', ') })),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    requests: inputs.map((input) => anyOf(method, input)),
    ...(request.method === 'GET'
      ? {
          connectGetInfo: {
            queryParams: [...new URLSearchParams(query)].map(([name, value]) => ({ name, value: [value] })),
          },
        }
      : {}),
  }
}

const unitsMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

function timeoutOf(connect: unknown, grpc: unknown): number | undefined {
  if (typeof connect === 'string') return Number(connect)
  if (typeof grpc === 'string') return Math.floor(Number(grpc.slice(0, -1)) * unitsMs[grpc.slice(-1)]!)
  return undefined
}

function anyOf(method: string, input: unknown): Any {
  const type = `${packageName}.${method}Request`
  return {
    typeUrl: `type.googleapis.com/${type}`,
    value: codecsOf(protoCodec, method).request.encode(input, 0),
  }
}

function codecsOf(codec: (from: typeof types, name: string) => MessageCodec, method: string): MethodCodecs {
  return {
    request: codec(types, `${packageName}.${method}Request`),
    response: codec(types, `${packageName}.${method}Response`),
  }
}

function base(method: string): MethodBase {
  return {
    path: `/${packageName}.ConformanceService/${method}`,
    servlet: 'conformance',
    endpoint: method,
    headers: [],
    access: 'public',
    noSideEffects: false,
    codecs: { proto: codecsOf(protoCodec, method), json: codecsOf(jsonCodec, method) },
    details: (error) => (error instanceof AskedError ? error.details : []),
  }
}
