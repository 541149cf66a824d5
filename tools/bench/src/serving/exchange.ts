import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as request1 } from 'node:http'
import { connect } from 'node:http2'
import { buffer } from 'node:stream/consumers'

/** One answer, as it came. */
export interface Exchange {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly trailers: Readonly<Record<string, unknown>>
  readonly body: Buffer
  /** Over HTTP/1.1: all bytes of the answer, head and framing included. Over HTTP/2: those of the body. */
  readonly bytes: number
}

/** What is sent. */
export interface Sent {
  readonly httpVersion: 1 | 2
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends one request over a connection of its own. */
export function exchange(sent: Sent): Promise<Exchange> {
  return sent.httpVersion === 1 ? exchange1(sent) : exchange2(sent)
}

async function exchange1({ port, path, headers, body }: Sent): Promise<Exchange> {
  const request = request1({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false })
  // As load tools ask: an answer to `Connection: close` is longer or shorter.
  request.setHeader('connection', 'keep-alive')
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { socket } = response
  const found = await buffer(response)
  const exchanged = {
    status: response.statusCode!,
    headers: response.headers,
    trailers: response.trailers,
    body: found,
    bytes: socket.bytesRead,
  }
  socket.destroy()
  return exchanged
}

async function exchange2({ port, path, headers, body }: Sent): Promise<Exchange> {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
    let trailers = {}
    stream.on('trailers', (fields) => {
      trailers = fields
    })
    stream.end(body)
    const [fields] = (await once(stream, 'response')) as [Record<string, unknown>]
    const found = await buffer(stream)
    return {
      status: Number(fields[':status']),
      headers: fields,
      trailers,
      body: found,
      bytes: found.byteLength,
    }
  } finally {
    session.destroy()
  }
}
