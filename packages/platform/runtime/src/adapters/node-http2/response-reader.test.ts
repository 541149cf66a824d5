import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ResponseHead, ResponseReader } from './response-reader.ts'

/** Everything that Node writes. */
const answers: Record<string, RequestListener> = {
  length: (_request, response) => response.end('hello'),
  empty: (_request, response) => response.end(),
  chunks: (_request, response) => {
    response.write('one')
    response.write(Buffer.alloc(70_000, 'x'))
    response.end('\r\n0\r\n\r\n')
  },
  trailers: (request, response) => {
    // Node has none for HEAD.
    if (request.method === 'HEAD') return response.end()
    response.writeHead(200, { trailer: 'x-sum, x-more' })
    response.write('body')
    response.addTrailers({ 'x-sum': '7', 'x-more': 'a: b' })
    response.end()
  },
  hints: (_request, response) => {
    response.writeProcessing()
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.end('after')
  },
  headers: (_request, response) => {
    response.writeHead(201, 'Very Well', [
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'X-Empty',
      '',
      'x-latin',
      '\u00e9',
    ])
    response.end('\u20ac')
  },
  none: (_request, response) => response.writeHead(204).end(),
  unmodified: (_request, response) => response.writeHead(304, { etag: '"1"' }).end(),
  old: (_request, response) => {
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    response.write('until ')
    response.end('the end')
  },
}

interface Read {
  readonly hints: number[]
  head: ResponseHead | undefined
  body: string
  trailers: readonly string[] | undefined
}

function read(method: string, chunks: readonly Buffer[]): { read: Read; complete: boolean } {
  const result: Read = { hints: [], head: undefined, body: '', trailers: undefined }
  const reader = new ResponseReader(method, {
    hints: ({ status }) => result.hints.push(status),
    head: (head) => {
      expect(result.head).toBe(undefined)
      result.head = head
    },
    body: (chunk) => {
      expect(chunk.byteLength).toBeGreaterThan(0)
      result.body += chunk.toString('latin1')
    },
    end: (trailers) => {
      expect(result.trailers).toBe(undefined)
      result.trailers = trailers
    },
  })
  for (const chunk of chunks) reader.read(chunk)
  return { complete: reader.finish(), read: result }
}

describe('an answer of Node is read as Node reads it', () => {
  let port: number
  const server = createServer((request, response) => answers[request.url!.slice(1)]!(request, response))
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => server.close())

  it.each(
    Object.keys(answers).flatMap(
      (name) =>
        [
          [name, 'GET'],
          [name, 'HEAD'],
        ] as const,
    ),
  )('%s by %s, in whatever pieces it comes', async (name, method) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${method} /${name} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
    const raw = Buffer.concat(await socket.toArray())
    const response = await new Promise<IncomingMessage>((resolve) =>
      request({ port, host: '127.0.0.1', path: `/${name}`, method, agent: false }, resolve).end(),
    )
    const body = Buffer.concat(await response.toArray()).toString('latin1')
    const theirs = lower(response.rawHeaders).filter((text) => !/^[A-Z][a-z]{2}, /.test(text))
    fc.assert(
      fc.property(fc.array(fc.nat(raw.byteLength), { maxLength: 12 }), (places) => {
        const at = [0, ...places.toSorted((a, b) => a - b), raw.byteLength]
        const pieces = at.slice(1).map((end, index) => raw.subarray(at[index], end))
        const { read: ours, complete } = read(method, pieces)
        expect(complete).toBe(true)
        expect(ours.head?.status).toBe(response.statusCode)
        expect(ours.head?.headers.filter((text) => !/^[A-Z][a-z]{2}, /.test(text))).toEqual(theirs)
        expect(ours.body).toBe(body)
        expect(ours.trailers).toEqual(lower(response.rawTrailers))
        expect(ours.hints).toEqual(name === 'hints' ? [102, 103] : [])
      }),
      { numRuns: 100 },
    )
  })

  it('that is cut off anywhere is not complete', async () => {
    for (const name of ['length', 'chunks', 'trailers', 'hints', 'headers']) {
      const socket = connect(port, '127.0.0.1')
      socket.write(`GET /${name} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      const raw = Buffer.concat(await socket.toArray())
      for (let end = 0; end < raw.byteLength; end += Math.max(1, Math.floor(raw.byteLength / 500)))
        expect(read('GET', [raw.subarray(0, end)]).complete).toBe(false)
    }
  })

  it.each([
    '',
    'x',
    'HTTP/1.0 200 OK\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
  ])('what is none is an error (%j)', (text) => {
    const reading = () => read('GET', [Buffer.from(text)]).complete
    if (text.length > 1) expect(reading).toThrow(TypeError)
    else expect(reading()).toBe(false)
  })
})

/** Names and values in turns, with names in lower case. */
function lower(raw: readonly string[]): string[] {
  return raw.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
}
