import { once } from 'node:events'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'

/** What a call of gRPC answered. The trailers are what proxies lose that do not speak HTTP/2 all the way. */
export interface GrpcAnswer {
  readonly status: number
  readonly messages: readonly string[]
  readonly trailers: IncomingHttpHeaders
}

/** A message of gRPC: not compressed, its length, its bytes. */
export function frame(text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

/** Calls a method with one message and reads all that comes back. */
export async function call(session: ClientHttp2Session, path: string, message: string): Promise<GrpcAnswer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  stream.end(frame(message))
  return read(stream)
}

async function read(stream: ClientHttp2Stream): Promise<GrpcAnswer> {
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (headers) => {
    trailers = headers
  })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const messages: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1)
    messages.push(bytes.toString('utf8', at + 5, at + 5 + length))
    at += 5 + length
  }
  // An answer without messages has what trailers say in its headers.
  if (trailers['grpc-status'] === undefined && headers['grpc-status'] !== undefined) trailers = headers
  return { status: headers[':status'], messages, trailers }
}
