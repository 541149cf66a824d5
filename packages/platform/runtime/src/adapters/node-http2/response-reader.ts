/** The head of an answer of HTTP/1.1. */
export interface ResponseHead {
  readonly status: number
  /** Names in lower case and values, in turns. */
  readonly headers: readonly string[]
}

/** Who is told of what is read. */
export interface ResponseListener {
  /** A head that comes before the answer's: status 1xx. */
  hints(head: ResponseHead): void
  head(head: ResponseHead): void
  body(chunk: Buffer): void
  /** The answer is complete, with what stood after its body. */
  end(trailers: readonly string[]): void
}

const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')

/**
 * Reads one answer of HTTP/1.1 as Node's `http` writes it: it trusts its writer, and is for answers that never crossed
 * a network.
 */
export class ResponseReader {
  readonly #listener: ResponseListener
  readonly #bodiless: boolean
  #part: 'head' | 'length' | 'untilEnd' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'trailers' | 'over' = 'head'
  /** What came of a head or a line that is not complete. */
  #rest: Buffer | undefined = undefined
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0

  /** For the answer to a request with this method. */
  constructor(method: string, listener: ResponseListener) {
    this.#listener = listener
    this.#bodiless = method === 'HEAD'
  }

  /** @throws TypeError when this is no answer */
  read(chunk: Buffer): void {
    let bytes: Buffer | undefined = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    while (bytes && bytes.byteLength > 0 && this.#part !== 'over') bytes = this.#step(bytes)
  }

  /** Nothing more comes. Whether the answer is complete. */
  finish(): boolean {
    if (this.#part === 'untilEnd') this.#end([])
    return this.#part === 'over'
  }

  /** Reads one thing, and returns what follows it. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#part) {
      case 'head': {
        const end = bytes.indexOf(headEnd)
        if (end < 0) return this.#keep(bytes)
        this.#begin(bytes.toString('latin1', 0, end))
        return bytes.subarray(end + headEnd.byteLength)
      }
      case 'length':
      case 'chunk': {
        const some = bytes.subarray(0, this.#left)
        this.#left -= some.byteLength
        this.#listener.body(some)
        if (this.#left === 0) {
          if (this.#part === 'length') this.#end([])
          else this.#part = 'chunkEnd'
        }
        return bytes.subarray(some.byteLength)
      }
      case 'untilEnd':
        this.#listener.body(bytes)
        return undefined
      case 'chunkSize': {
        const end = bytes.indexOf(lineEnd)
        if (end < 0) return this.#keep(bytes)
        this.#left = Number.parseInt(bytes.toString('latin1', 0, end), 16)
        if (Number.isNaN(this.#left)) throw new TypeError('the size of a chunk is none')
        this.#part = this.#left === 0 ? 'trailers' : 'chunk'
        return bytes.subarray(end + lineEnd.byteLength)
      }
      case 'chunkEnd':
        if (bytes.byteLength < lineEnd.byteLength) return this.#keep(bytes)
        this.#part = 'chunkSize'
        return bytes.subarray(lineEnd.byteLength)
      case 'trailers': {
        if (bytes.indexOf(lineEnd) === 0) this.#end([])
        else {
          const end = bytes.indexOf(headEnd)
          if (end < 0) return this.#keep(bytes)
          this.#end(fieldsOf(bytes.toString('latin1', 0, end).split('\r\n'), 0))
        }
        return undefined
      }
      case 'over':
        return undefined
    }
  }

  #keep(bytes: Buffer): undefined {
    this.#rest = bytes
  }

  #begin(text: string): void {
    const lines = text.split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(lines[0]!)?.[1])
    if (Number.isNaN(status) || status === 101) throw new TypeError('this is not an answer of HTTP/1.1')
    const headers = fieldsOf(lines, 1)
    if (status < 200) return this.#listener.hints({ status, headers })
    this.#part = 'untilEnd'
    let lengthBytes = 0
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]
      if (name === 'transfer-encoding') {
        this.#part = 'chunkSize'
        break
      }
      if (name === 'content-length') {
        this.#part = 'length'
        lengthBytes = Number(headers[index + 1])
      }
    }
    this.#listener.head({ status, headers })
    if (this.#bodiless || status === 204 || status === 304 || (this.#part === 'length' && lengthBytes === 0))
      this.#end([])
    else this.#left = lengthBytes
  }

  #end(trailers: readonly string[]): void {
    this.#part = 'over'
    this.#listener.end(trailers)
  }
}

function fieldsOf(lines: readonly string[], first: number): string[] {
  const fields: string[] = []
  for (let index = first; index < lines.length; index++) {
    const line = lines[index]!
    const colon = line.indexOf(':')
    fields.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return fields
}
