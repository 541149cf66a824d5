import { AtlasError } from '@atlas/contract'
import type { CallRequest, Transport } from '../client.ts'
import { callSignal } from '../deadline.ts'
import { decodeError, decodeResponse, errorOfDocument, parseJson, parseOutput } from './decode-response.ts'
import { encodeRequest } from './encode-request.ts'
import { linesOf } from './lines.ts'

/** Options of {@link httpTransport}. */
export interface HttpTransportOptions {
  /** Where the servlets answer, `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  /** Sent with every call: `authorization`, say. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch
}

/** The media type of streams over plain HTTP: one JSON value a line. */
const ndjson = 'application/x-ndjson'

/** Carries calls as plain HTTP requests. Runs wherever `fetch` does. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const send = options.fetch ?? fetch
  const headersOf = (request: CallRequest, accept: string): Headers => {
    const { headers: given } = options
    const headers = new Headers(typeof given === 'function' ? given() : given)
    headers.set('accept', accept)
    if (request.timeoutMs !== undefined)
      headers.set('connect-timeout-ms', String(Math.ceil(request.timeoutMs)))
    return headers
  }
  return {
    async unary(request) {
      const limit = callSignal(request.signal, request.timeoutMs)
      try {
        const { url, init } = encodeRequest(request, baseUrl, headersOf(request, '*/*'))
        const response = await send(url, { ...init, signal: limit.signal ?? null })
        return await decodeResponse(request, response)
      } catch (error) {
        throw errorOf(request, error, limit)
      } finally {
        limit.done()
      }
    },
    async *stream(request) {
      const limit = callSignal(request.signal, request.timeoutMs)
      try {
        const { url, init } = encodeRequest(request, baseUrl, headersOf(request, ndjson))
        const response = await send(url, { ...init, signal: limit.signal ?? null })
        if (!response.ok) throw await decodeError(request, response)
        yield* decodeStream(request, response)
      } catch (error) {
        throw errorOf(request, error, limit)
      } finally {
        limit.done()
      }
    },
  }
}

/**
 * One item a line. A stream that fails ends with the line `{"$error":{...}}`: no field of a contract can have that name.
 * One that was cut off is an error of the connection, because the answer is chunked.
 */
async function* decodeStream(request: CallRequest, response: Response): AsyncGenerator<unknown> {
  for await (const line of linesOf(response.body ?? new ReadableStream())) {
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
function errorOf(request: CallRequest, error: unknown, limit: ReturnType<typeof callSignal>): AtlasError {
  if (limit.signal?.aborted) return limit.error()
  if (error instanceof AtlasError) return error
  return new AtlasError(
    'unavailable',
    `${request.contract.name} cannot be reached, or the connection broke`,
    { cause: error },
  )
}
