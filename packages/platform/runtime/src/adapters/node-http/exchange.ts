import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import { type Answer, isSource, type UniversalHeaders } from '../../universal.ts'
import { Exchange, type Exchanges } from '../exchange.ts'
import { type BodyTaker, IncomingBody } from '../incoming-body.ts'
import { handOver } from './mount.ts'

/**
 * A request that knows its exchange, so that listeners need no closure.
 *
 * Node's parser pushes the body into the stream that a request is. Whoever wants all of it anyway gets it right there: buffers,
 * events and the end of the stream cost as much as everything else that is done for a small request.
 */
export class IncomingRequest extends IncomingMessage {
  exchange: HttpExchange | undefined = undefined
  #taker: BodyTaker | undefined = undefined
  #streamed = false
  #taken = false

  divert(taker: BodyTaker | undefined): boolean {
    if (taker !== undefined && this.#streamed) return false
    this.#taker = taker
    return true
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const taker = this.#taker
    if (taker === undefined) {
      this.#streamed = true
      return super.push(chunk, encoding)
    }
    if (chunk !== null) {
      taker.collect(chunk)
      return true
    }
    this.#taken = true
    // Else Node reads the stream to its end, to have done with a body that nobody asked for.
    ;(this as unknown as { _consuming: boolean })._consuming = true
    taker.end()
    return false
  }

  /** Node lets go of a request when it was read to its end. */
  // @ts-expect-error Node's types have a property where Node has a getter.
  override get readableEnded(): boolean {
    return this.#taken || readToEnd.call(this)
  }
}

const readToEnd = Object.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded')!.get!

/** A response that knows its exchange. */
export class OutgoingResponse extends ServerResponse<IncomingRequest> {
  exchange: HttpExchange | undefined = undefined
}

/** What a client may still send of a body that nobody read, before its connection is closed rather than kept. */
const unreadBytes = 64 * 1024

/** How long a client gets to read an answer that came before it had sent everything. */
const lingerMs = 500

/** What is read and thrown away meanwhile: what is on its way already. */
const lingerBytes = 1024 * 1024

/** One request and its response over Node's `http`. */
export class HttpExchange extends Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly request: IncomingRequest
  readonly response: OutgoingResponse
  /** The client waits for a word before it sends its body (`Expect: 100-continue`). */
  #expecting: boolean
  /** Whether the connection is kept, for all that the request's body says. */
  #keep = true
  readonly #queued: boolean
  #malformed = false
  /** The head of the answer says that the connection is kept. */
  #kept = false

  constructor(request: IncomingRequest, response: OutgoingResponse, shared: Exchanges, expecting: boolean) {
    super(shared)
    this.request = request
    this.response = response
    this.#expecting = expecting
    if (shared.draining) this.leave()
    this.method = request.method!
    const target = pathOf(request.url!)
    const mark = target.indexOf('?')
    this.path = mark < 0 ? target : target.slice(0, mark)
    this.query = mark < 0 ? '' : target.slice(mark + 1)
    this.body = bodyOf(request)
    request.exchange = this
    response.exchange = this
    response.on('close', closed)
    this.#queued = !response.socket
    if (this.#queued) queue(this)
  }

  get headers(): UniversalHeaders {
    return this.request.headers
  }

  protected get status(): number {
    return this.response.statusCode
  }

  protected get written(): boolean {
    return this.response.writableEnded
  }

  leave(): void {
    this.response.shouldKeepAlive = false
  }

  proceed(): void {
    if (!this.#expecting) return
    this.#expecting = false
    this.response.writeContinue()
  }

  /** What came over the connection is not HTTP; nothing after it can be understood. */
  malformed(error: AtlasError): void {
    const { request, response } = this
    if (this.#malformed) return
    this.#malformed = true
    this.leave()
    // A request that is complete is not the one with the mistake, and still gets its answer.
    if (request.complete) response.once('close', () => request.socket.destroySoon())
    else this.interrupt(error)
  }

  override close(): void {
    if (this.#queued) queued.get(this.request.socket)?.delete(this)
    if (this.#kept && this.shared.draining) this.shared.untoldAt = performance.now()
    super.close()
  }

  protected handOver(mount: RunningMount): void {
    const { response } = this
    const { writeHead } = response
    // Node calls it itself where the app does not.
    response.writeHead = ((...head: Parameters<typeof writeHead>) => {
      this.answered()
      return writeHead.apply(response, head)
    }) as typeof writeHead
    void handOver(this, mount)
  }

  protected resetHead(): boolean {
    const { response } = this
    if (response.headersSent) return false
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    return true
  }

  protected sendHead(answer: Answer): void {
    const { response } = this
    this.#keep = this.#mayKeepConnection()
    if (!this.#keep) this.leave()
    this.#kept = response.shouldKeepAlive
    response.writeHead(answer.status, answer.headers as string[])
    // Clients learn that a stream began when its head is sent, which Node keeps back for the first chunk otherwise.
    if (isSource(answer.body) && this.method !== 'HEAD') response.flushHeaders()
  }

  protected sendChunk(chunk: string | Uint8Array): boolean {
    return this.response.destroyed || this.response.write(chunk)
  }

  protected onceTaken(listener: () => void): void {
    this.response.once('drain', listener)
  }

  protected sendEnd(last: string | Uint8Array | undefined): void {
    const { request, response } = this
    if (request.complete) response.end(last)
    else if (this.#keep) {
      response.end(last)
      this.#awaitRest()
    } else this.#linger(last)
  }

  protected cut(): void {
    this.response.destroy()
  }

  /**
   * Ends the response and its connection while the client is still sending. Closing at once would reset the connection,
   * and many clients then never see the answer.
   */
  #linger(last: string | Uint8Array | undefined): void {
    const { request, response } = this
    if (last === undefined) response.flushHeaders()
    else response.write(last)
    const timer = setTimeout(() => response.end(), lingerMs)
    let seen = 0
    request.on('data', (chunk: Buffer) => {
      seen += chunk.byteLength
      if (seen > lingerBytes) request.pause()
    })
    request.once('close', () => {
      clearTimeout(timer)
      response.end()
    })
    request.resume()
  }

  /**
   * Node reads and throws away what the client has still to send, however long that takes; this gives it a limit. Mostly all of it
   * came along with the head: a timer for each would hold whom overload refuses in memory for as long as the limit is.
   */
  #awaitRest(): void {
    const { request, shared } = this
    setImmediate(() => {
      if (request.complete) return
      const timer = setTimeout(() => request.socket.destroy(), shared.limits.jsonBodyTimeoutMs).unref()
      request.once('end', () => clearTimeout(timer))
      request.once('close', () => clearTimeout(timer))
    })
  }

  /** Whether what the client has still to send is little enough to be read and thrown away. */
  #mayKeepConnection(): boolean {
    const { body } = this
    if (body === undefined || this.request.complete) return true
    if (this.#expecting || this.tooSlow || body.sizeBytes === undefined) return false
    return body.sizeBytes - body.readBytes <= unreadBytes
  }
}

function closed(this: OutgoingResponse): void {
  this.exchange!.close()
}

/** By connection, exchanges whose answers wait for those to earlier requests. */
const queued = new WeakMap<Socket, Set<HttpExchange>>()

/** Node tells only the response whose turn it is that its connection closed. */
function queue(exchange: HttpExchange): void {
  const { socket } = exchange.request
  let waiting = queued.get(socket)
  if (!waiting) {
    const all = new Set<HttpExchange>()
    socket.once('close', () => {
      for (const each of all) each.close()
    })
    queued.set(socket, all)
    waiting = all
  }
  waiting.add(exchange)
}

/** Of an absolute target, `GET http://host/path`, which every server must take, the path (RFC 9112, section 3.2.2). */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)
  if (!absolute) return url
  return absolute[1]!.startsWith('/') ? absolute[1]! : `/${absolute[1]}`
}

function bodyOf(request: IncomingRequest): IncomingBody | undefined {
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) return new IncomingBody(request, undefined)
  const length = headers['content-length']
  return length === undefined || length === '0' ? undefined : new IncomingBody(request, Number(length))
}
