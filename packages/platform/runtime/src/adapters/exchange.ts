import { AtlasError } from '@atlas/contract'
import { currentCall, type RunningMount } from '@atlas/sdk'
import type { Dispatcher } from '../dispatch.ts'
import type { Limits } from '../limits.ts'
import type { RequestLog } from '../request-log.ts'
import { RequestScope } from '../request-scope.ts'
import type { RequestTelemetry } from '../telemetry/request-telemetry.ts'
import {
  type Answer,
  type BodySource,
  isSource,
  type UniversalHeaders,
  type UniversalRequest,
  type UniversalResponse,
} from '../universal.ts'
import { fromNextLook, type IncomingBody } from './incoming-body.ts'

/** What the exchanges of one server share. */
export interface Exchanges {
  readonly dispatcher: Dispatcher
  readonly limits: Limits
  readonly onRequest: ((entry: RequestLog) => void) | undefined
  readonly telemetry: RequestTelemetry | undefined
  /** Those that are not over. */
  readonly live: Set<Exchange>
  draining: boolean
  /**
   * When an answer ended while draining whose client was not told to leave, because its head was sent before: a next request
   * may be on its way.
   */
  untoldAt: number
}

/** One request and its response, over whichever of Node's servers it came. */
export abstract class Exchange implements UniversalRequest {
  abstract readonly method: string
  abstract readonly path: string
  abstract readonly query: string
  abstract readonly headers: UniversalHeaders
  readonly scope = new RequestScope()
  body: IncomingBody | undefined = undefined
  protected readonly shared: Exchanges
  /** The body did not arrive in time. */
  protected tooSlow = false
  /** What began to be sent; a mounted app's answer is its own. */
  #answer: UniversalResponse | undefined = undefined
  #mounted = false
  #error: AtlasError | undefined = undefined
  #source: BodySource | undefined = undefined
  #sentBytes = 0
  /** When the wait for the client to take what was sent began; 0 while there is none. */
  #sendingSince = 0
  #sentAt = 0
  #wake: (() => void) | undefined = undefined
  /** All of the answer was written. */
  #ended = false
  #over = false

  constructor(shared: Exchanges) {
    this.shared = shared
    this.scope.beganMs = performance.now()
    shared.live.add(this)
  }

  /** Of the answer, as it was sent. */
  protected abstract readonly status: number
  /** Whether all of the answer was written by somebody else: a mounted app. */
  protected abstract readonly written: boolean
  /** Begins the answer. @throws when the status or a header cannot be sent, before anything is */
  protected abstract sendHead(answer: Answer): void
  /** Sends some of the body; whether the client takes more at once. */
  protected abstract sendChunk(chunk: string | Uint8Array): boolean
  /** Calls back when the client takes more. */
  protected abstract onceTaken(listener: () => void): void
  /** Ends the answer. */
  protected abstract sendEnd(last: string | Uint8Array | undefined): void
  /** Breaks off, so that the client sees that the answer is not complete. */
  protected abstract cut(): void
  /** Gives the request to a mounted app. */
  protected abstract handOver(mount: RunningMount): void
  /** Takes back what a mounted app said of its answer, unless it was sent. */
  protected abstract resetHead(): boolean
  /** Tells a client that asked for it to send its body. */
  abstract proceed(): void
  /** Makes this the last answer over its connection, where that is a matter of the answer. */
  abstract leave(): void

  async run(): Promise<void> {
    const response = await this.shared.dispatcher.respond(this)
    // The handler is through, whether or not somebody still waits for what it says; of what comes in pieces, whoever makes them knows.
    if (response.kind === 'answer' && !isSource(response.body)) this.scope.leave(response.error)
    if (this.#answer !== undefined || this.#over) {
      if (response.kind === 'answer' && isSource(response.body)) response.body.cancel()
    } else if (response.kind === 'answer') this.#send(response)
    else {
      this.#answer = response
      this.#mounted = true
      this.proceed()
      this.handOver(response.mount)
    }
  }

  interrupt(error: AtlasError): void {
    if (this.#over) return
    this.scope.abort(error)
    this.body?.fail(error)
    this.#fail(error)
  }

  /** A mounted app began to answer; from here on its answer goes at the pace of its client. */
  answered(): void {
    if (this.#mounted) this.scope.leave(undefined)
  }

  /** Sends what a mounted app answered, where that came as an answer. */
  passOn(answer: Answer): void {
    this.answered()
    if (this.#over) {
      if (isSource(answer.body)) answer.body.cancel()
    } else this.#send(answer)
  }

  /** A mounted app threw. */
  mountFailed(error: AtlasError): void {
    if (this.#over || this.#ended) return
    if (this.resetHead()) this.#answer = undefined
    this.#fail(error)
  }

  /** Called every now and then: gives up on a client that does not move, shows one that waits that we live. */
  check(now: number): void {
    const { limits } = this.shared
    const { body } = this
    if (body?.waitingSince === fromNextLook) body.waitingSince = now
    else if (body?.waitingSince) {
      const allowedMs = body.streaming ? limits.stallTimeoutMs : limits.jsonBodyTimeoutMs
      if (now - body.waitingSince > allowedMs) {
        this.tooSlow = true
        this.interrupt(
          new AtlasError('deadline_exceeded', `the body did not arrive within ${allowedMs} ms`, {
            httpStatus: 408,
          }),
        )
      }
    } else if (this.#sendingSince === fromNextLook) this.#sendingSince = now
    else if (this.#sendingSince && now - this.#sendingSince > limits.stallTimeoutMs) this.cut()
    else if (this.#source?.heartbeat && !this.#sendingSince && now - this.#sentAt > limits.heartbeatMs) {
      this.#sentAt = now
      this.#write(this.#source.heartbeat)
    }
  }

  /** The response is over: sent, or its connection is gone. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.shared.live.delete(this)
    this.scope.end()
    if (this.#mounted) this.scope.yield()
    if (!this.#ended && !this.written) {
      const error = new AtlasError('canceled', 'the caller went away')
      this.scope.abort(error)
      this.#source?.cancel()
      this.#error ??= error
    }
    if (this.body?.open) this.body.fail(new AtlasError('canceled', 'the request is over'))
    this.#wake?.()
    this.#tell()
  }

  get over(): boolean {
    return this.#over
  }

  /** All of the answer was given away. */
  get ended(): boolean {
    return this.#ended
  }

  #send(answer: Answer): void {
    this.#answer = answer
    this.#error = answer.error
    const { body } = answer
    try {
      this.sendHead(answer)
    } catch (cause) {
      // A handler's media type that cannot be a header.
      if (isSource(body)) body.cancel()
      this.#answer = undefined
      return this.#fail(new AtlasError('internal', 'internal error', { cause }))
    }
    if (this.method === 'HEAD') {
      if (isSource(body)) body.cancel()
      this.#end(undefined)
    } else if (isSource(body)) void this.#pump(body)
    else {
      if (body !== undefined) this.#sentBytes = answer.sizeBytes ?? Buffer.byteLength(body)
      this.#end(body)
    }
  }

  async #pump(source: BodySource): Promise<void> {
    this.#source = source
    const { sizeBytes } = source
    this.#sentAt = performance.now()
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
      this.#end(undefined)
    } catch (reason) {
      this.#fail(AtlasError.from(reason))
    }
  }

  #write(chunk: string | Uint8Array): boolean {
    const free = this.sendChunk(chunk)
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
      this.onceTaken(this.#wake)
    })
  }

  /** Says an error in whichever way is left. */
  #fail(error: AtlasError): void {
    if (this.#over) return
    this.#error = error
    if (this.#answer === undefined) return this.#send(this.shared.dispatcher.refuse(this, error))
    const source = this.#source
    this.#source = undefined
    const tail = source?.tail(error)
    source?.cancel()
    if (tail !== undefined) this.#end(tail)
    // A whole answer that is still on its way is left alone.
    else if (!this.#ended && !this.written) this.cut()
  }

  #end(last: string | Uint8Array | undefined): void {
    this.#ended = true
    this.#sendingSince = fromNextLook
    this.sendEnd(last)
  }

  /** Says how the request went, to the log and to telemetry. */
  #tell(): void {
    const { scope, shared } = this
    const { onRequest, telemetry } = shared
    const status = this.#answer === undefined ? 0 : this.status
    if (onRequest) this.#log(onRequest, status)
    telemetry?.end(
      this,
      scope.served,
      this.#error,
      status,
      this.#mounted ? 0 : (this.body?.readBytes ?? 0),
      this.#mounted ? 0 : this.#sentBytes,
    )
  }

  #log(onRequest: (entry: RequestLog) => void, status: number): void {
    const { scope } = this
    const { served } = scope
    const entry: RequestLog = {
      method: this.method,
      path: this.path,
      servlet: served?.servlet,
      endpoint: served?.endpoint,
      status: status || 499,
      durationMs: performance.now() - scope.beganMs,
      bytesIn: this.#mounted ? undefined : (this.body?.readBytes ?? 0),
      bytesOut: this.#mounted ? undefined : this.#sentBytes,
      error: this.#error,
    }
    try {
      currentCall.run(scope, onRequest, entry)
    } catch {
      // A log that fails must not cost a request.
    }
  }
}
