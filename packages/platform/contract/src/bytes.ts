/** Declares raw bytes as the body of a request (`body: bytes()`) or as an answer (`output: bytes()`). */
export interface Bytes {
  readonly kind: 'bytes'
  /** Accepted media types; `image/*` and `*\/*` are patterns. The first one without a star is the default. */
  readonly types: readonly string[]
  /** The most bytes that one message may have; more is refused while reading. */
  readonly maxBytes: number
}

/** Options of {@link bytes}. */
export interface BytesOptions {
  /** @default ['*\/*'] because most stores keep what they are given */
  readonly types?: readonly string[]
  /** @default 100 MiB: larger bodies should be meant */
  readonly maxBytes?: number
}

/** Raw bytes, as a web stream on both sides; `google.api.HttpBody` on gRPC. */
export function bytes(options: BytesOptions = {}): Bytes {
  return { kind: 'bytes', types: options.types ?? ['*/*'], maxBytes: options.maxBytes ?? 100 * 1024 * 1024 }
}

/** A web stream of bytes that knows its media type and, where it can be known, its size. */
export interface ByteStream extends ReadableStream<Uint8Array> {
  readonly contentType: string
  readonly sizeBytes: number | undefined
}

/** Everything that can be sent as bytes. */
export type BytesSource =
  | ByteStream
  | ReadableStream<Uint8Array>
  | Uint8Array
  | Blob
  | string
  | AsyncIterable<Uint8Array>

/** Options of {@link byteStream}. */
export interface ByteStreamOptions {
  /** @default the source's own type, else `application/octet-stream`, `text/plain` for strings */
  readonly contentType?: string | undefined
  /** @default the source's own size where it has one */
  readonly sizeBytes?: number | undefined
}

/**
 * Makes a {@link ByteStream} of any source. A source that is a web stream already is returned itself, told its type and
 * size: a stream can be read once only, so there is nobody else to keep it for.
 */
export function byteStream(source: BytesSource, options: ByteStreamOptions = {}): ByteStream {
  const known = describe(source)
  const stream = toStream(known.source)
  return Object.defineProperties(stream, {
    contentType: { value: options.contentType ?? known.contentType, configurable: true },
    sizeBytes: { value: options.sizeBytes ?? known.sizeBytes, configurable: true },
  }) as ByteStream
}

/** Whether a media type (`image/png; q=1`) is one of the patterns (`image/*`). */
export function matchesMediaType(contentType: string, patterns: readonly string[]): boolean {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase()
    if (wanted === '*/*') return true
    return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
  })
}

type BinarySource = Exclude<BytesSource, string>

interface Described {
  readonly source: BinarySource
  readonly contentType: string
  readonly sizeBytes: number | undefined
}

function describe(given: BytesSource): Described {
  const text = typeof given === 'string'
  const source = text ? new TextEncoder().encode(given) : given
  if (source instanceof Uint8Array) {
    const contentType = text ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    return { source, contentType, sizeBytes: source.byteLength }
  }
  if (source instanceof Blob)
    return { source, contentType: source.type || 'application/octet-stream', sizeBytes: source.size }
  const { contentType, sizeBytes } = source as Partial<ByteStream>
  return { source, contentType: contentType ?? 'application/octet-stream', sizeBytes }
}

function toStream(source: BinarySource): ReadableStream<Uint8Array> {
  if (source instanceof ReadableStream) return source
  if (source instanceof Blob) return source.stream()
  if (source instanceof Uint8Array) return ReadableStream.from(source.byteLength > 0 ? [source] : [])
  return ReadableStream.from(source)
}
