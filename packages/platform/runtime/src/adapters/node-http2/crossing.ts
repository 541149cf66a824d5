import { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import type { Answer, BodySource } from '../../universal.ts'
import type { BridgeEnd, BridgeSocket } from './bridge-socket.ts'
import type { Http2Exchange } from './exchange.ts'
import { withoutHops, writeRequestHead } from './http1-head.ts'
import { type ResponseHead, type ResponseListener, ResponseReader } from './response-reader.ts'

type Taken = IteratorResult<Buffer, undefined>

const lastChunk = Buffer.from('0\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

/** One request on its way over the bridge, and its answer on the way back. */
export class Crossing implements BridgeEnd, ResponseListener, BodySource {
  readonly sizeBytes = undefined
  readonly heartbeat = undefined
  readonly exchange: Http2Exchange
  readonly mount: RunningMount
  readonly #socket: BridgeSocket
  readonly #done: (socket: BridgeSocket) => void
  readonly #reader: ResponseReader
  readonly #chunked: boolean
  /** All of the request was written. */
  #sent: boolean
  /** The answer, as far as it is known. */
  #head: ResponseHead | undefined = undefined
  #passedOn = false
  #complete = false
  #lost = false
  /** What came of the body and was not taken. */
  #chunks: Buffer[] = []
  #trailers: readonly string[] = []
  /** Lets the app write on. */
  #taken: (() => void) | undefined = undefined
  #wake: (() => void) | undefined = undefined

  /** `done` is given the socket when it can be used for another request. */
  constructor(
    exchange: Http2Exchange,
    mount: RunningMount,
    socket: BridgeSocket,
    done: (socket: BridgeSocket) => void,
  ) {
    this.exchange = exchange
    this.mount = mount
    this.#socket = socket
    this.#done = done
    this.#reader = new ResponseReader(exchange.method, this)
    this.#sent = exchange.body === undefined
    this.#chunked = exchange.body !== undefined && exchange.body.sizeBytes === undefined
    socket.other = this
  }

  /** Writes the request. @throws TypeError when HTTP/1.1 has no words for it */
  begin(): void {
    const { exchange } = this
    const { stream } = exchange
    const head = writeRequestHead(exchange, this.#chunked)
    if (exchange.body) {
      stream.on('data', (chunk: Buffer) => this.#write(chunk))
      stream.on('end', () => {
        if (this.#chunked) this.#socket.push(lastChunk)
        this.#sent = true
        this.#release()
      })
    }
    this.#socket.push(head)
  }

  /** The caller went away, or has what it wanted. */
  leave(): void {
    if (!this.#complete || !this.#sent) this.#socket.destroy()
  }

  wanted(): void {
    if (!this.#sent) this.exchange.stream.resume()
  }

  heard(chunks: readonly Buffer[], taken: () => void): void {
    try {
      for (const chunk of chunks) this.#reader.read(chunk)
    } catch {
      this.#socket.destroy()
      return taken()
    }
    this.#passOn()
    if (this.#chunks.length === 0) taken()
    else this.#taken = taken
    this.#wake?.()
    this.#release()
  }

  heardAll(): void {
    if (this.#reader.finish()) {
      this.#passOn()
      this.#wake?.()
    } else this.#socket.destroy()
  }

  lost(): void {
    this.#lost = true
    if (!this.#head) this.exchange.mountFailed(new AtlasError('internal', 'internal error', { cause: gone }))
    this.#wake?.()
  }

  hints({ status, headers }: ResponseHead): void {
    this.exchange.inform(status, withoutHops(headers))
  }

  head(head: ResponseHead): void {
    this.#head = head
  }

  body(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  end(trailers: readonly string[]): void {
    this.#complete = true
    this.#trailers = trailers
  }

  next(): Promise<Taken> {
    return new Promise((resolve, reject) => {
      const take = () => {
        const chunk = this.#chunks.shift()
        if (!chunk && !this.#complete && !this.#lost) return
        this.#wake = undefined
        if (chunk) {
          resolve({ done: false, value: chunk })
          if (this.#chunks.length === 0) this.#goOn()
        } else if (this.#complete) resolve({ done: true, value: undefined })
        else reject(gone)
      }
      this.#wake = take
      take()
    })
  }

  cancel(): void {
    this.leave()
  }

  tail(): undefined {
    return undefined
  }

  #write(chunk: Buffer): void {
    const socket = this.#socket
    if (this.#chunked) socket.push(Buffer.from(`${chunk.byteLength.toString(16)}\r\n`))
    const more = socket.push(chunk)
    if (this.#chunked) socket.push(lineEnd)
    if (!more) this.exchange.stream.pause()
  }

  #passOn(): void {
    if (this.#passedOn || !this.#head) return
    this.#passedOn = true
    const { status, headers } = this.#head
    const announced = headers.includes('trailer')
    let body: Answer['body'] = this
    if (this.#complete) {
      // Most answers are small and come at once.
      body = this.#chunks.length === 0 ? undefined : Buffer.concat(this.#chunks)
      this.#chunks = []
    }
    this.exchange.passOn({
      kind: 'answer',
      status,
      headers: withoutHops(headers),
      body,
      ...(announced && { trailers: () => withoutHops(this.#trailers) }),
      error: undefined,
    })
  }

  #goOn(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  #release(): void {
    if (!this.#complete || !this.#sent || this.#socket.other !== this) return
    this.#socket.other = undefined
    const closes = this.#head!.headers.some(
      (text, index, all) => index % 2 === 1 && all[index - 1] === 'connection' && /\bclose\b/i.test(text),
    )
    if (closes || this.#socket.destroyed) this.#socket.destroy()
    else this.#done(this.#socket)
  }
}

const gone = new Error('the mounted app closed its connection before it had answered')
