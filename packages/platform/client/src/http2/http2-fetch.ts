import {
  type ClientHttp2Stream,
  constants as http2,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { PooledSession, SessionPool } from './session-pool.ts'

/** How often a request is sent at most. */
const attempts = 3

/** A request that the server did not look at, and says so. */
class Unprocessed extends Error {}

type Body = string | Uint8Array | ReadableStream<Uint8Array> | undefined

/** What `fetch` does of what transports need, over HTTP/2. */
export function http2Fetch(pool: SessionPool): typeof fetch {
  return async (url, init = {}) => {
    const { pathname, search } = new URL(url as string)
    const headers: OutgoingHttpHeaders = { ':method': init.method ?? 'GET', ':path': `${pathname}${search}` }
    for (const [name, value] of new Headers(init.headers)) headers[name] = value
    const body = bodyOf(init.body, headers)
    const signal = init.signal ?? undefined
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(pool, headers, body, signal)
      } catch (error) {
        const again = error instanceof Unprocessed && !(body instanceof ReadableStream) && attempt < attempts
        if (!again) throw error
      }
    }
  }
}

function bodyOf(body: RequestInit['body'], headers: OutgoingHttpHeaders): Body {
  if (body === null || body === undefined) return undefined
  if (body instanceof Blob) {
    headers['content-length'] = body.size
    return body.stream()
  }
  if (typeof body === 'string') headers['content-length'] = Buffer.byteLength(body)
  else if (body instanceof Uint8Array) headers['content-length'] = body.byteLength
  return body as Body
}

async function send(
  pool: SessionPool,
  headers: OutgoingHttpHeaders,
  body: Body,
  signal: AbortSignal | undefined,
): Promise<Response> {
  signal?.throwIfAborted()
  const pooled = pool.take()
  let stream: ClientHttp2Stream
  try {
    stream = pooled.session.request(headers, { endStream: body === undefined })
  } catch (cause) {
    pool.release(pooled)
    // The connection was about to close, and nothing was sent.
    throw new Unprocessed('the connection is closing', { cause })
  }
  const abort = () => {
    leave(stream)
    pool.probe(pooled)
  }
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('close', () => {
    signal?.removeEventListener('abort', abort)
    pool.release(pooled)
  })
  const failed = failureOf(stream, pooled, signal)
  return new Promise((resolve, reject) => {
    stream.once('response', (answer) => resolve(responseOf(stream, answer, failed)))
    stream.once('close', () => reject(failed()))
    if (body instanceof ReadableStream) upload(body, stream).catch((error) => stream.destroy(error))
    else if (body !== undefined) stream.end(body)
  })
}

/** Says, when a stream has closed too soon, why. */
function failureOf(
  stream: ClientHttp2Stream,
  pooled: PooledSession,
  signal: AbortSignal | undefined,
): () => unknown {
  let cause: Error | undefined
  stream.on('error', (error) => {
    cause = error
  })
  return () => {
    if (signal?.aborted) return signal.reason
    const { id = 0, rstCode } = stream
    if (rstCode === http2.NGHTTP2_REFUSED_STREAM || id > pooled.lastStream)
      return new Unprocessed('the server is going away, or busy', { cause })
    return cause ?? new Error(`the stream was reset (code ${rstCode})`)
  }
}

/** Gives a request up. Closing a stream ends its upload in order first, which would look complete. */
function leave(stream: ClientHttp2Stream): void {
  if (stream.writableEnded) {
    stream.close(http2.NGHTTP2_CANCEL)
    // Node closes no stream with something in it that nobody read, and its connection would wait for it.
    stream.removeAllListeners('data').resume()
  } else stream.destroy(new Error('the call was given up'))
}

function responseOf(
  stream: ClientHttp2Stream,
  answer: IncomingHttpHeaders & IncomingHttpStatusHeader,
  failed: () => unknown,
): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer)) {
    if (name.startsWith(':') || value === undefined) continue
    for (const each of [value].flat()) headers.append(name, each)
  }
  const status = answer[':status'] ?? 0
  const empty = status === 204 || status === 304
  if (empty) stream.resume()
  return new Response(empty ? null : download(stream, failed), { status, headers })
}

/** The body of an answer, no faster than it is read. Leaving it cancels the call. */
function download(stream: ClientHttp2Stream, failed: () => unknown): ReadableStream<Uint8Array> {
  let over = false
  let complete = false
  // Node ends streams that were reset, too, and says only here which it was: a stream that is closed was not ended.
  const push = stream.push
  stream.push = function (this: ClientHttp2Stream, chunk, encoding) {
    complete ||= chunk === null && !this.closed
    return push.call(this, chunk, encoding)
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream.on('data', (chunk: Buffer) => {
          if (over) return
          controller.enqueue(chunk)
          if (controller.desiredSize! <= 0) stream.pause()
        })
        stream.once('end', () => {
          if (over || !complete) return
          over = true
          controller.close()
        })
        stream.once('close', () => {
          if (over) return
          over = true
          controller.error(failed())
        })
      },
      pull() {
        stream.resume()
      },
      cancel() {
        over = true
        leave(stream)
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  )
}

/** Sends a body no faster than the server takes it, and stops when the answer is complete. */
async function upload(body: ReadableStream<Uint8Array>, stream: ClientHttp2Stream): Promise<void> {
  for await (const chunk of body) {
    if (stream.closed) return
    if (!stream.write(chunk)) await drained(stream)
  }
  stream.end()
}

function drained(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}
