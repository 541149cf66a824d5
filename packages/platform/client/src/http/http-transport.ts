import { AtlasError, isBytes } from '@atlas/contract'
import type { CallRequest, Transport } from '../client.ts'
import { type CallSignal, callSignal } from '../deadline.ts'
import { watchBytes } from '../watch-bytes.ts'
import {
  decodeBytes,
  decodeError,
  decodeResponse,
  emptyStream,
  errorOfDocument,
  parseJson,
  parseOutput,
} from './decode-response.ts'
import { encodeRequest } from './encode-request.ts'
import { linesOf } from './lines.ts'

type HeaderFields = Readonly<Record<string, string>>

/** Options of {@link httpTransport}. */
export interface HttpTransportOptions {
  /** Where the servlets answer, `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  /** Sent with every call: `authorization`, say. A function is asked before each. */
  readonly headers?: HeaderFields | (() => HeaderFields | Promise<HeaderFields>)
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch
}

/** The media type of streams over plain HTTP: one JSON value a line. */
const ndjson = 'application/x-ndjson'

/** Connect allows ten digits: https://connectrpc.com/docs/protocol#unary-request */
const longestTimeoutMs = 9_999_999_999

/** Carries calls as plain HTTP requests. Runs wherever `fetch` does. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const headersOf = async (request: CallRequest, accept: string): Promise<Headers> => {
    const { headers: given } = options
    const headers = new Headers(typeof given === 'function' ? await given() : given)
    headers.set('accept', accept)
    if (request.timeoutMs !== undefined && request.timeoutMs <= longestTimeoutMs)
      headers.set('connect-timeout-ms', String(Math.max(0, Math.ceil(request.timeoutMs))))
    return headers
  }
  /** The answer to a request, if it is not an error. */
  const send = async (request: CallRequest, accept: string, limit: CallSignal): Promise<Response> => {
    const { url, init } = await encodeRequest(request, baseUrl, await headersOf(request, accept))
    const response = await (options.fetch ?? fetch)(url, { ...init, signal: limit.signal ?? null })
    if (!response.ok) throw await decodeError(request, response)
    return response
  }
  return {
    async unary(request) {
      const limit = callSignal(request.signal, request.timeoutMs)
      let reading = false
      try {
        const response = await send(request, '*/*', limit)
        if (!isBytes(request.endpoint.output)) return await decodeResponse(request, response)
        reading = true
        return watchBytes(decodeBytes(response), {
          signal: limit.signal,
          failed: (reason) => errorOf(request, reason, limit),
          ended: limit.done,
        })
      } catch (error) {
        throw errorOf(request, error, limit)
      } finally {
        if (!reading) limit.done()
      }
    },
    async *stream(request) {
      const limit = callSignal(request.signal, request.timeoutMs)
      try {
        yield* decodeStream(request, await send(request, ndjson, limit))
      } catch (error) {
        throw errorOf(request, error, limit)
      } finally {
        limit.done()
      }
    },
  }
}

/**
 * One item a line, empty lines apart. A stream that fails ends with the line `{"$error":{...}}`: no field of a contract
 * can have that name. One that was cut off is an error of the connection, because the answer is chunked.
 */
async function* decodeStream(request: CallRequest, response: Response): AsyncGenerator<unknown> {
  for await (const line of linesOf(response.body ?? emptyStream())) {
    if (line.trim() === '') continue
    const value = parseJson(request, line)
    if (typeof value === 'object' && value !== null && '$error' in value)
      throw (
        errorOfDocument(request, value.$error) ??
        new AtlasError('unknown', 'the stream ended with an unreadable error')
      )
    yield parseOutput(request, value)
  }
}

/** What a failed call throws: the callee's error, the reason it was stopped, or that nobody could be reached. */
function errorOf(request: CallRequest, error: unknown, limit: CallSignal): AtlasError {
  if (limit.signal?.aborted) return limit.error()
  if (error instanceof AtlasError) return error
  return new AtlasError(
    'unavailable',
    `${request.contract.name} cannot be reached, or the connection broke`,
    { cause: error },
  )
}
