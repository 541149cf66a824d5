import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestOver,
  type Server,
} from 'node:http'
import { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import type { Limits } from '../../limits.ts'
import type { Answer, BodySource } from '../../universal.ts'
import { handOver } from '../node-http/mount.ts'
import type { Http2Exchange } from './exchange.ts'
import { socketPair } from './socket-pair.ts'

/** A request on its way over the bridge. */
interface Crossing {
  readonly exchange: Http2Exchange
  readonly mount: RunningMount
}

/** Headers about one connection of HTTP/1.1: they have no meaning in HTTP/2, and are errors there. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Lets requests that came over HTTP/2 into mounted apps. Those know HTTP/1.1 only: Express given the look-alikes of
 * Node's `http2` ends its process. So a request is written as HTTP/1.1 into one end of a connection in memory, and a
 * server of Node's `http` reads it from the other.
 */
export class Bridge {
  readonly #server: Server
  readonly #crossings = new WeakMap<object, Crossing>()

  constructor({ headerBytes }: Limits) {
    // Limits were kept where the request came in; here its headers only take a little more room.
    this.#server = createServer({ maxHeaderSize: headerBytes * 2, headersTimeout: 0, requestTimeout: 0 })
    this.#server.maxHeadersCount = 0
    this.#server.on('clientError', (_error, socket) => {
      this.#crossings.get(socket)?.exchange.mountFailed(inexpressible())
      socket.destroy()
    })
    this.#server.on('request', (request, response) => {
      const { exchange, mount } = this.#crossings.get(request.socket)!
      const { scope, path, query } = exchange
      const mountFailed = (error: AtlasError) => {
        exchange.mountFailed(error)
        response.destroy()
      }
      void handOver({ request, response, scope, path, query, mountFailed }, mount)
    })
  }

  /** Gives a request to a mounted app, and the app's answer to the exchange. */
  handOver(exchange: Http2Exchange, mount: RunningMount): void {
    const { stream, method } = exchange
    const [near, far] = socketPair(exchange.socket)
    let request: ClientRequest
    try {
      request = requestOver({
        createConnection: () => near as never,
        method,
        path: exchange.headers[':path'],
        headers: requestHeaders(exchange),
        setHost: false,
      })
    } catch {
      return exchange.mountFailed(inexpressible())
    }
    this.#crossings.set(far, { exchange, mount })
    this.#server.emit('connection', far)
    stream.once('close', () => near.destroy())
    request.on('information', ({ statusCode, rawHeaders }) =>
      exchange.inform(statusCode, withoutHops(rawHeaders)),
    )
    let answered = false
    request.once('response', (response) => {
      answered = true
      exchange.passOn(answerOf(response, method))
    })
    request.on('error', (cause) => {
      // What breaks later is seen where the answer's body is read.
      if (!answered) exchange.mountFailed(new AtlasError('internal', 'internal error', { cause }))
    })
    if (exchange.body) stream.pipe(request)
    else request.end()
  }

  end(): void {
    this.#server.close()
  }
}

/** Of a method, path or header that HTTP/2 lets through and HTTP/1.1 does not. */
function inexpressible(): AtlasError {
  return new AtlasError(
    'invalid_argument',
    'this request cannot be written as HTTP/1.1, which is served here',
  )
}

function requestHeaders({ headers, body }: Http2Exchange): OutgoingHttpHeaders {
  const out: OutgoingHttpHeaders = {}
  for (const name in headers)
    if (!name.startsWith(':') && !hopByHop.has(name) && name !== 'expect') out[name] = headers[name]
  if (body && body.sizeBytes === undefined) out['transfer-encoding'] = 'chunked'
  return out
}

function answerOf(response: IncomingMessage, method: string): Answer {
  const status = response.statusCode!
  const empty =
    method === 'HEAD' || status === 204 || status === 304 || response.headers['content-length'] === '0'
  return {
    kind: 'answer',
    status,
    headers: withoutHops(response.rawHeaders),
    body: empty ? undefined : new AppBody(response),
    ...(response.headers.trailer !== undefined && { trailers: () => withoutHops(response.rawTrailers) }),
    error: undefined,
  }
}

/** What a mounted app answers, as it is written. */
class AppBody implements BodySource {
  readonly sizeBytes = undefined
  readonly heartbeat = undefined
  readonly #response: IncomingMessage
  readonly #chunks: AsyncIterator<Buffer>

  constructor(response: IncomingMessage) {
    this.#response = response
    this.#chunks = response[Symbol.asyncIterator]()
  }

  next(): Promise<IteratorResult<Buffer, unknown>> {
    return this.#chunks.next()
  }

  cancel(): void {
    this.#response.destroy()
  }

  tail(): undefined {
    return undefined
  }
}

/** Also without those that `connection` names: the sender says that they are about the connection. */
function withoutHops(raw: readonly string[]): string[] {
  const named = new Set<string>()
  for (let index = 0; index < raw.length; index += 2)
    if (raw[index]!.toLowerCase() === 'connection')
      for (const name of raw[index + 1]!.split(',')) named.add(name.trim().toLowerCase())
  const out: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase()
    if (!hopByHop.has(name) && !named.has(name)) out.push(name, raw[index + 1]!)
  }
  return out
}
