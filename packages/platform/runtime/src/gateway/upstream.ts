import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants as http2,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { AtlasError, type Code, codeOfHttpStatus, codes, isCode } from '@atlas/contract'
import type { Answer, UniversalRequest } from '../universal.ts'
import { StreamSource } from './stream-source.ts'
import { hopHeaders, ownPrefix } from './subject.ts'
import { upload } from './upload.ts'

/** What a gateway knows of a request and the server behind it has to believe. */
export interface Hop {
  readonly listener: 'public' | 'internal'
  readonly caller: string | undefined
  /** Encoded; undefined when nobody is signed in. */
  readonly subject: string | undefined
  /** The time that is left, where the caller gave one. */
  readonly timeoutMs: number | undefined
}

/** What we take of one answer before its client has taken it. */
const windowBytes = 256 * 1024

/** An answer that says an error is read as a whole up to this size, so that the log can say which error. */
const errorBytes = 64 * 1024

/** Belong to one connection (RFC 9110, section 7.6.1), or are written anew. */
const dropped: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** A server behind a gateway: one connection of HTTP/2 over a Unix socket, which stays open. */
export class Upstream {
  readonly #session: ClientHttp2Session
  #lost = false

  /** @param path the Unix socket */
  constructor(path: string) {
    const session = connect('http://servlet', {
      createConnection: () => connectSocket(path),
      settings: { enablePush: false, initialWindowSize: windowBytes },
      // Who we may trust not to flood us is a child of this process.
      maxSessionMemory: 1024,
    })
    session.once('connect', () => session.setLocalWindowSize(4 * windowBytes))
    session.on('error', () => {}) // each stream hears of it
    session.once('close', () => {
      this.#lost = true
    })
    // The process lives for its listeners, not for its connections.
    session.unref()
    this.#session = session
  }

  /**
   * Sends a request on and resolves when its answer begins.
   *
   * @param name whom errors are about
   * @throws AtlasError `unavailable` when there is no answer
   */
  forward(request: UniversalRequest, hop: Hop, name: string): Promise<Answer> {
    const { scope } = request
    if (scope.aborted) return Promise.reject(scope.aborted)
    if (!this.usable) return Promise.reject(new AtlasError('unavailable', `${name} ended; try again`))
    const body = request.body
    let stream: ClientHttp2Stream
    try {
      stream = this.#session.request(headersOf(request, hop), { endStream: body === undefined })
    } catch (cause) {
      return Promise.reject(new AtlasError('unavailable', `${name} ended; try again`, { cause }))
    }
    return new Promise((resolve, reject) => {
      const source = new StreamSource(stream, name)
      const abort = () => source.cancel()
      const { signal } = scope
      signal.addEventListener('abort', abort, { once: true })
      stream.once('close', () => {
        signal.removeEventListener('abort', abort)
        reject(scope.aborted ?? source.failure())
      })
      stream.once('response', (headers, flags, raw) =>
        resolve(answerOf(request, source, headers, flags, raw as unknown as string[])),
      )
      if (body) {
        const begin = () => upload(body, stream)
        // Who asks first may be refused before anything was sent.
        if (request.headers.expect === undefined) begin()
        else stream.once('continue', begin)
      }
    })
  }

  /** Whether a request can be sent. */
  get usable(): boolean {
    return !this.#lost && !this.#session.closed && !this.#session.destroyed
  }

  /** Closes the connection when what runs over it is over. */
  close(): void {
    this.#session.close()
  }

  /** Closes the connection now. */
  destroy(): void {
    this.#session.destroy()
  }
}

function headersOf(request: UniversalRequest, hop: Hop): Record<string, string | string[]> {
  const { headers, method, path, query } = request
  const all: Record<string, string | string[]> = {
    ':method': method,
    ':path': query === '' ? path : `${path}?${query}`,
    ':authority': (headers.host as string | undefined) ?? 'servlet',
  }
  const named = connectionNames(headers.connection)
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || name[0] === ':' || dropped.has(name) || name.startsWith(ownPrefix)) continue
    if (!named?.has(name)) all[name] = value
  }
  if (request.trailers && headers.te === 'trailers') all.te = 'trailers'
  all[hopHeaders.listener] = hop.listener
  if (hop.caller !== undefined) all[hopHeaders.caller] = hop.caller
  if (hop.subject !== undefined) all[hopHeaders.subject] = hop.subject
  if (hop.timeoutMs !== undefined) {
    const left = String(Math.max(1, Math.ceil(hop.timeoutMs)))
    if (all['grpc-timeout'] !== undefined) all['grpc-timeout'] = grpcTimeout(hop.timeoutMs)
    else all['connect-timeout-ms'] = left
  }
  return all
}

/** At most eight digits (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
function grpcTimeout(timeoutMs: number): string {
  const left = Math.max(1, Math.ceil(timeoutMs))
  return left < 1e8 ? `${left}m` : `${Math.ceil(left / 1000)}S`
}

/** What `Connection: close, x-name` says belongs to the connection. */
function connectionNames(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (typeof connection !== 'string' || !connection.includes(',')) return undefined
  return new Set(connection.toLowerCase().split(/\s*,\s*/))
}

async function answerOf(
  request: UniversalRequest,
  source: StreamSource,
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  flags: number,
  raw: readonly string[],
): Promise<Answer> {
  const status = headers[':status'] ?? 502
  const list: string[] = []
  for (let index = 0; index < raw.length; index += 2)
    if (!raw[index]!.startsWith(':')) list.push(raw[index]!, raw[index + 1]!)
  const head = { kind: 'answer' as const, status, headers: list }
  const length = headers['content-length']
  source.sizeBytes = length === undefined || request.method === 'HEAD' ? undefined : Number(length)
  if ((flags & http2.NGHTTP2_FLAG_END_STREAM) !== 0) {
    source.discard()
    return { ...head, body: undefined, error: grpcError(headers) ?? errorOfStatus(status, undefined) }
  }
  if (status >= 400 && source.sizeBytes !== undefined && source.sizeBytes <= errorBytes) {
    const whole = await source.whole()
    return { ...head, body: whole, error: errorOfStatus(status, whole) }
  }
  const grpc = headers['content-type']?.startsWith('application/grpc')
  return {
    ...head,
    body: source,
    error: undefined,
    ...(grpc && request.trailers ? { trailers: () => source.trailers } : {}),
  }
}

/** For the log: what an answer of this kind says. Its client gets the answer as it came. */
function errorOfStatus(status: number, body: Uint8Array | undefined): AtlasError | undefined {
  if (status < 400) return undefined
  const code = codeOfHttpStatus(status)
  try {
    const document = JSON.parse(Buffer.from(body ?? '{}').toString('utf8')) as Record<string, unknown>
    if (isCode(document.code)) return new AtlasError(document.code, String(document.message ?? ''))
  } catch {
    // Not ours: the page of a mounted app.
  }
  return new AtlasError(code, `answered ${status}`)
}

/** An answer of gRPC that is nothing but an error has all in its head. */
function grpcError(headers: IncomingHttpHeaders): AtlasError | undefined {
  const status = headers['grpc-status']
  if (status === undefined || status === '0') return undefined
  const code = (Object.keys(codes) as Code[]).find((name) => codes[name].grpc === Number(status)) ?? 'unknown'
  return new AtlasError(code, decoded(String(headers['grpc-message'] ?? '')))
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message)
  } catch {
    return message
  }
}
