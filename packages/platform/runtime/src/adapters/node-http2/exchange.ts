import { constants as http2, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import type { Answer } from '../../universal.ts'
import { Exchange, type Exchanges } from '../exchange.ts'
import { type BodyTaker, IncomingBody } from '../incoming-body.ts'
import type { Bridge } from './bridge.ts'
import type { Crossing } from './crossing.ts'
import type { WatchedSession } from './session.ts'
import { divert } from './whole-body.ts'

/** A stream that knows its exchange, so that listeners need no closure. */
export interface ExchangeStream extends ServerHttp2Stream {
  exchange: Http2Exchange | undefined
  divert: typeof divert
  /** Whoever takes the body as it comes, instead of the stream. */
  taker: BodyTaker | undefined
  /** All of the body was taken. */
  taken: boolean
  // Node lets it be set.
  readable: boolean
}

/** What the exchanges of one HTTP/2 server share beside. */
export interface Http2Shared {
  readonly exchanges: Exchanges
  readonly bridge: Bridge
}

/** How long a client gets to read an answer that came before it had sent everything. */
const lingerMs = 500

/** What is read and thrown away meanwhile: what is on its way already. */
const lingerBytes = 1024 * 1024

/** Node resets a stream that is destroyed with an error by INTERNAL_ERROR, and passes the error to listeners only. */
const cutOff = new Error('the answer is cut off')

const bare = { endStream: true }
/** Of gRPC, in which dates have no meaning. */
const withTrailers = { waitForTrailers: true, sendDate: false }

/** What a header's value must not have (RFC 9110, section 5.5). Node checks this for HTTP/1.1 only. */
const unfit = /[^\t\x20-\x7e\x80-\xff]/

/** One request and its response over a stream of Node's `http2`. */
export class Http2Exchange extends Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly stream: ExchangeStream
  readonly session: WatchedSession
  readonly #bridge: Bridge
  #crossing: Crossing | undefined = undefined
  #expecting: boolean
  #trailers: Answer['trailers'] = undefined
  #status = 0
  /** The answer was broken off. */
  #cut = false

  constructor(
    stream: ExchangeStream,
    headers: IncomingHttpHeaders,
    complete: boolean,
    session: WatchedSession,
    { exchanges, bridge }: Http2Shared,
  ) {
    super(exchanges)
    this.stream = stream
    this.headers = headers
    this.session = session
    this.#bridge = bridge
    this.#expecting = headers.expect !== undefined
    this.method = headers[':method']!
    // CONNECT has no path.
    const target = headers[':path'] ?? ''
    const mark = target.indexOf('?')
    this.path = mark < 0 ? target : target.slice(0, mark)
    this.query = mark < 0 ? '' : target.slice(mark + 1)
    const authority = headers[':authority']
    if (authority !== undefined) headers.host = authority
    stream.exchange = this
    if (!complete) {
      const length = headers['content-length']
      stream.divert = divert
      stream.taker = undefined
      stream.taken = false
      this.body = new IncomingBody(stream, length === undefined ? undefined : Number(length))
      // A stream with a body that nobody reads closes late.
      stream.on('aborted', closed)
    }
    stream.on('close', closed)
    session.opened()
  }

  get trailers(): boolean {
    return true
  }

  protected get status(): number {
    // Of a mounted app that had not answered when its caller went away, there is none.
    return this.#status || 499
  }

  protected get written(): boolean {
    return false
  }

  /** Handles the request, unless it expects what nobody knows. */
  begin(): void {
    const { expect } = this.headers
    if (expect === undefined || expect.toLowerCase() === '100-continue') {
      void this.run()
      return
    }
    this.#expecting = false
    this.interrupt(
      new AtlasError('invalid_argument', `expect: ${expect} is not known; leave it out`, { httpStatus: 417 }),
    )
  }

  /** Connections are told to go, not answers. */
  leave(): void {}

  proceed(): void {
    if (!this.#expecting) return
    this.#expecting = false
    if (!this.stream.closed) this.stream.additionalHeaders({ ':status': 100 })
  }

  /** Sends what comes before an answer: early hints. */
  inform(status: number, headers: readonly string[]): void {
    const { stream } = this
    if (status === 100 || status === 101 || stream.closed || stream.headersSent) return
    try {
      stream.additionalHeaders({ ':status': status, ...objectOf(headers) })
    } catch {
      // A hint that cannot be sent is left out.
    }
  }

  override close(): void {
    if (this.over) return
    this.session.closed(!this.ended && !this.#cut ? this.scope.beganMs : undefined)
    super.close()
    this.#crossing?.leave()
  }

  protected handOver(mount: RunningMount): void {
    this.#crossing = this.#bridge.handOver(this, mount)
  }

  protected resetHead(): boolean {
    return !this.stream.headersSent
  }

  protected sendHead(answer: Answer): void {
    const { stream } = this
    const { status, headers, trailers } = answer
    const ends = this.method === 'HEAD' || (answer.body === undefined && !trailers)
    const head = trailers && !ends ? sharedHead(status, headers) : headOf(status, headers)
    this.#status = status
    // Whoever reset the stream hears of no answer.
    if (stream.closed || stream.destroyed) return
    const respond = stream.respond as unknown as (headers: readonly string[], options?: object) => void
    if (trailers && !ends) {
      this.#trailers = trailers
      stream.on('wantTrailers', wantTrailers)
      respond.call(stream, head, withTrailers)
    } else respond.call(stream, head, ends ? bare : undefined)
  }

  protected sendChunk(chunk: string | Uint8Array): boolean {
    const { stream } = this
    return stream.closed || stream.destroyed || stream.write(chunk)
  }

  protected onceTaken(listener: () => void): void {
    this.stream.once('drain', listener)
  }

  protected sendEnd(last: string | Uint8Array | undefined): void {
    const { stream } = this
    if (!stream.writableEnded) stream.end(last)
    if (this.body && !stream.taken && !stream.readableEnded) this.#linger()
  }

  /**
   * Reads and throws away what the client sends after its answer, and then tells it that there is no need to (RFC 9113,
   * section 8.1). At once would be too soon: many clients, among them curl 7, lose an answer that comes with a reset.
   */
  #linger(): void {
    const { stream } = this
    const timer = setTimeout(() => stream.close(http2.NGHTTP2_NO_ERROR), lingerMs)
    let seen = 0
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.byteLength
      if (seen > lingerBytes) stream.pause()
    })
    stream.once('close', () => clearTimeout(timer))
    stream.resume()
  }

  protected cut(): void {
    // Not by `close`, which would end the answer in order and only then reset the stream: it would look complete.
    this.#cut = true
    this.stream.destroy(cutOff)
  }

  /** Sends what stands after the body. */
  sendTrailers(): void {
    const { stream } = this
    try {
      stream.sendTrailers(objectOf(this.#trailers!()))
    } catch {
      this.cut()
    }
  }
}

/** A head as Node takes it, which adds the date to it. @throws TypeError, see {@link fit} */
function headOf(status: number, headers: readonly string[]): string[] {
  const head = [':status', String(status)]
  for (let index = 0; index < headers.length; index += 2)
    head.push(headers[index]!, fit(headers[index]!, headers[index + 1]!))
  return head
}

let last:
  | { readonly status: number; readonly headers: readonly string[]; readonly head: string[] }
  | undefined

/** The same without a date. Nearly all answers of gRPC have the head of the one before. */
function sharedHead(status: number, headers: readonly string[]): string[] {
  if (last?.headers !== headers || last.status !== status)
    last = { status, headers, head: headOf(status, headers) }
  return last.head
}

/** @throws TypeError for a value that no header can have */
function fit(name: string, value: string): string {
  if (unfit.test(value)) throw new TypeError(`the value of ${name} has characters that no header can have`)
  return value
}

/** Names and values in turns as Node takes them where it knows no lists. */
function objectOf(list: readonly string[]): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {}
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index]!
    const value = fit(name, list[index + 1]!)
    all[name] = all[name] === undefined ? value : [all[name], value].flat()
  }
  return all
}

function closed(this: ExchangeStream): void {
  this.exchange!.close()
}

function wantTrailers(this: ExchangeStream): void {
  this.exchange!.sendTrailers()
}
