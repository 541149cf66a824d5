import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AtlasError } from '@atlas/contract'
import type { Dispatcher } from '../../dispatch.ts'
import type { Limits } from '../../limits.ts'
import type { RequestLog } from '../../request-log.ts'
import { RequestScope } from '../../request-scope.ts'
import {
  type Answer,
  type BodySource,
  isSource,
  type UniversalRequest,
  type UniversalResponse,
} from '../../universal.ts'
import { NodeBody } from './body.ts'
import { handOver } from './mount.ts'

/** A request that knows its exchange, so that listeners need no closure. */
export class IncomingRequest extends IncomingMessage {
  exchange: Exchange | undefined = undefined
}

/** A response that knows its exchange. */
export class OutgoingResponse extends ServerResponse<IncomingRequest> {
  exchange: Exchange | undefined = undefined
}

/** What the exchanges of one server share. */
export interface Exchanges {
  readonly dispatcher: Dispatcher
  readonly limits: Limits
  readonly onRequest: ((entry: RequestLog) => void) | undefined
  /** Those that are not over. */
  readonly live: Set<Exchange>
  draining: boolean
}

/** What a client may still send of a body that nobody read, before its connection is closed rather than kept. */
const unreadBytes = 64 * 1024

/** How long a client gets to read an answer that came before it had sent everything. */
const lingerMs = 500

/** What is read and thrown away meanwhile: what is on its way already. */
const lingerBytes = 1024 * 1024

/** One request and its response over Node's `http`. */
export class Exchange implements UniversalRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly scope = new RequestScope()
  readonly nodeBody: NodeBody | undefined
  readonly request: IncomingRequest
  readonly response: OutgoingResponse
  readonly #shared: Exchanges
  readonly #began: number
  readonly #queued: boolean
  /** The client waits for a word before it sends its body (`Expect: 100-continue`). */
  #expecting: boolean
  /** What began to be sent; a mounted app's answer is its own. */
  #answer: UniversalResponse | undefined = undefined
  #error: AtlasError | undefined = undefined
  #source: BodySource | undefined = undefined
  #sentBytes = 0
  /** When the wait for the client to take what was sent began; 0 while there is none. */
  #sendingSince = 0
  #sentAt = 0
  #wake: (() => void) | undefined = undefined
  #malformed = false
  #tooSlow = false
  /** All of the answer was written. */
  #ended = false
  #over = false

  constructor(request: IncomingRequest, response: OutgoingResponse, shared: Exchanges, expecting: boolean) {
    this.request = request
    this.response = response
    this.#shared = shared
    this.#expecting = expecting
    if (shared.draining) this.leave()
    this.#began = shared.onRequest ? performance.now() : 0
    this.method = request.method!
    const target = pathOf(request.url!)
    const mark = target.indexOf('?')
    this.path = mark < 0 ? target : target.slice(0, mark)
    this.query = mark < 0 ? '' : target.slice(mark + 1)
    this.nodeBody = bodyOf(this)
    request.exchange = this
    response.exchange = this
    shared.live.add(this)
    response.on('close', closed)
    this.#queued = !response.socket
    if (this.#queued) queue(this)
  }

  get headers(): UniversalRequest['headers'] {
    return this.request.headers
  }

  get body(): NodeBody | undefined {
    return this.nodeBody
  }

  async run(): Promise<void> {
    const { dispatcher } = this.#shared
    const response = await dispatcher.respond(this)
    if (this.#answer !== undefined || this.#over) {
      if (response.kind === 'answer' && isSource(response.body)) response.body.cancel()
    } else if (response.kind === 'answer') this.#send(response)
    else {
      this.#answer = response
      this.proceed()
      handOver(this, response.mount)
    }
  }

  interrupt(error: AtlasError): void {
    if (this.#over) return
    this.scope.abort(error)
    this.nodeBody?.fail(error)
    this.#fail(error)
  }

  /** Closes the connection after this answer, and tells the client so where its head is not sent. */
  leave(): void {
    this.response.shouldKeepAlive = false
  }

  /** A mounted app threw. */
  mountFailed(error: AtlasError): void {
    const { response } = this
    if (this.#over || response.headersSent) return this.#fail(error)
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    this.#answer = undefined
    this.#fail(error)
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

  /** Tells a client that asked for it to send its body. */
  proceed(): void {
    if (!this.#expecting) return
    this.#expecting = false
    this.response.writeContinue()
  }

  /** Called every now and then: gives up on a client that does not move, shows one that waits that we live. */
  check(now: number): void {
    const { limits } = this.#shared
    const { nodeBody } = this
    if (nodeBody?.waitingSince) {
      const allowedMs = nodeBody.streaming ? limits.stallTimeoutMs : limits.jsonBodyTimeoutMs
      if (now - nodeBody.waitingSince > allowedMs) {
        this.#tooSlow = true
        this.interrupt(
          new AtlasError('deadline_exceeded', `the body did not arrive within ${allowedMs} ms`, {
            httpStatus: 408,
          }),
        )
      }
    } else if (this.#sendingSince && now - this.#sendingSince > limits.stallTimeoutMs) this.#cut()
    else if (this.#source?.heartbeat && !this.#sendingSince && now - this.#sentAt > limits.heartbeatMs) {
      this.#sentAt = now
      this.#write(this.#source.heartbeat)
    }
  }

  /** The response is over: sent, or its connection is gone. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#shared.live.delete(this)
    if (this.#queued) queued.get(this.request.socket)?.delete(this)
    this.scope.end()
    if (!this.#ended && !this.response.writableEnded) {
      const error = new AtlasError('canceled', 'the caller went away')
      this.scope.abort(error)
      this.#source?.cancel()
      this.#error ??= error
    }
    if (this.nodeBody?.open) this.nodeBody.fail(new AtlasError('canceled', 'the request is over'))
    this.#wake?.()
    if (this.#shared.onRequest) this.#log(this.#shared.onRequest)
  }

  #send(answer: Answer): void {
    this.#answer = answer
    this.#error = answer.error
    const { response } = this
    const keep = this.#mayKeepConnection()
    if (!keep) this.leave()
    const { body } = answer
    try {
      response.writeHead(answer.status, answer.headers as string[])
    } catch (cause) {
      // A handler's media type that cannot be a header.
      if (isSource(body)) body.cancel()
      this.#answer = undefined
      return this.#fail(new AtlasError('internal', 'internal error', { cause }))
    }
    if (isSource(body)) {
      if (this.method === 'HEAD') {
        body.cancel()
        this.#end(undefined, keep)
      } else void this.#pump(body, keep)
    } else {
      if (body !== undefined && this.method !== 'HEAD' && this.#shared.onRequest)
        this.#sentBytes = Buffer.byteLength(body)
      this.#end(body, keep)
    }
  }

  async #pump(source: BodySource, keep: boolean): Promise<void> {
    this.#source = source
    const { sizeBytes } = source
    this.#sentAt = performance.now()
    // Clients learn that the stream began when its head is sent, which Node keeps back for the first chunk otherwise.
    this.response.flushHeaders()
    try {
      for (;;) {
        const { done, value } = await source.next()
        if (this.#over || this.#source !== source) return
        if (done) break
        const chunk = value as string | Uint8Array
        this.#sentBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
        if (sizeBytes !== undefined && this.#sentBytes > sizeBytes)
          throw new TypeError(`the answer has more than the ${sizeBytes} bytes it announced`)
        if (!this.#write(chunk)) await this.#taken()
        if (this.#over) return
      }
      if (sizeBytes !== undefined && this.#sentBytes < sizeBytes)
        throw new TypeError(`the answer has ${this.#sentBytes} of the ${sizeBytes} bytes it announced`)
      this.#source = undefined
      this.#end(undefined, keep)
    } catch (reason) {
      this.#fail(AtlasError.from(reason))
    }
  }

  #write(chunk: string | Uint8Array): boolean {
    const free = this.response.destroyed || this.response.write(chunk)
    this.#sentAt = this.#sendingSince = performance.now()
    if (free) this.#sendingSince = 0
    return free
  }

  /** Resolves when the client took what was written, or went away. */
  #taken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        this.#sendingSince = 0
        resolve()
      }
      this.response.once('drain', this.#wake)
    })
  }

  /** Says an error in whichever way is left. */
  #fail(error: AtlasError): void {
    if (this.#over) return
    this.#error = error
    if (this.#answer === undefined) return this.#send(this.#shared.dispatcher.refuse(this, error))
    const source = this.#source
    this.#source = undefined
    const tail = source?.tail(error)
    source?.cancel()
    if (tail === undefined) {
      // A whole answer that is still on its way is left alone.
      if (!this.response.writableEnded) this.#cut()
    } else this.#end(tail, true)
  }

  #end(last: string | Uint8Array | undefined, keep: boolean): void {
    this.#ended = true
    this.#sendingSince = performance.now()
    if (keep || this.request.complete) {
      this.response.end(last)
      if (!this.request.complete) this.#awaitRest()
    } else this.#linger(last)
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

  /** Node reads and throws away what the client has still to send, however long that takes; this gives it a limit. */
  #awaitRest(): void {
    const { request } = this
    const giveUp = () => {
      if (!request.complete) request.socket.destroy()
    }
    setTimeout(giveUp, this.#shared.limits.jsonBodyTimeoutMs).unref()
  }

  /** Whether what the client has still to send is little enough to be read and thrown away. */
  #mayKeepConnection(): boolean {
    const body = this.nodeBody
    if (body === undefined || this.request.complete) return true
    if (this.#expecting || this.#tooSlow || body.sizeBytes === undefined) return false
    return body.sizeBytes - body.readBytes <= unreadBytes
  }

  #cut(): void {
    this.response.destroy()
  }

  #log(onRequest: (entry: RequestLog) => void): void {
    const { served } = this.scope
    const answer = this.#answer
    try {
      onRequest({
        method: this.method,
        path: this.path,
        servlet: served?.servlet,
        endpoint: served?.endpoint,
        status: answer === undefined ? 499 : this.response.statusCode,
        durationMs: performance.now() - this.#began,
        bytesIn: answer?.kind === 'handover' ? undefined : (this.nodeBody?.readBytes ?? 0),
        bytesOut: answer?.kind === 'handover' ? undefined : this.#sentBytes,
        error: this.#error,
      })
    } catch {
      // A log that fails must not cost a request.
    }
  }
}

function closed(this: OutgoingResponse): void {
  this.exchange!.close()
}

/** By connection, exchanges whose answers wait for those to earlier requests. */
const queued = new WeakMap<Socket, Set<Exchange>>()

/** Node tells only the response whose turn it is that its connection closed. */
function queue(exchange: Exchange): void {
  const { socket } = exchange.request
  let waiting = queued.get(socket)
  if (!waiting) {
    const all = new Set<Exchange>()
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

function bodyOf(exchange: Exchange): NodeBody | undefined {
  const { headers } = exchange.request
  if (headers['transfer-encoding'] !== undefined) return new NodeBody(exchange, undefined)
  const length = headers['content-length']
  return length === undefined || length === '0' ? undefined : new NodeBody(exchange, Number(length))
}
