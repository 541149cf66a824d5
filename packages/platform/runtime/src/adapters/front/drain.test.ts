import { Agent, request as ask } from 'node:http'
import { constants } from 'node:http2'
import { request as askOverTls, Agent as TlsAgent } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { contract, endpoint, stream } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Certificate, makeCertificate } from '../../fixtures/certificate.ts'
import { type Http2Answer, Http2Client } from '../../fixtures/http2-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Server } from '../../serve.ts'

const busy = contract('busy', {
  work: endpoint({
    route: 'GET /work',
    access: 'public',
    output: z.object({ done: z.boolean() }),
  }),
  steps: endpoint({ route: 'GET /steps', access: 'public', output: stream(z.object({ n: z.int() })) }),
})
const busyServlet = servlet(busy, {
  work: async () => {
    await wait(Math.random() * 20)
    return { done: true }
  },
  steps: async function* () {
    for (let n = 1; n <= 3; n++) {
      await wait(Math.random() * 10)
      yield { n }
    }
  },
})

/** What clients saw. */
interface Tally {
  answered: number
  /**
   * Refused by the server, or not sent by the client that knows of the end already: nobody looked at them, and they can
   * be sent elsewhere, whatever they do.
   */
  refused: number
  /** Sent over an open connection, and never answered. */
  lost: unknown[]
}

/** Sends one request after another until there is nobody to send to. */
type Client = (server: Server, balancer: Balancer, tally: Tally) => Promise<void>

/** Knows, as load balancers do, from `/-/ready` whether a server may be sent more. */
interface Balancer {
  ready: boolean
}

const ended = '{"done":true}'

/** What clients send, and how they know that the answer is whole. */
interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly whole: (answer: Pick<Http2Answer, 'body' | 'headers' | 'trailers'>) => boolean
}

const json: Asked = { method: 'GET', path: '/work', headers: {}, whole: ({ body }) => body === ended }

const connect: Asked = {
  method: 'POST',
  path: '/busy.Busy/Work',
  headers: { 'content-type': 'application/json' },
  body: '{}',
  whole: ({ body }) => body === ended,
}

const nothing = '\0\0\0\0\0'

const connectStream: Asked = {
  method: 'POST',
  path: '/busy.Busy/Steps',
  headers: { 'content-type': 'application/connect+json' },
  body: '\0\0\0\0\x02{}',
  whole: ({ body }) => body.includes(`{"n":"3"}`) && body.endsWith('{}'),
}

const grpc: Asked = {
  method: 'POST',
  path: '/busy.Busy/Work',
  headers: { 'content-type': 'application/grpc', te: 'trailers' },
  body: nothing,
  whole: ({ body, trailers }) => body.length === 7 && trailers['grpc-status'] === '0',
}

const grpcStream: Asked = {
  ...grpc,
  path: '/busy.Busy/Steps',
  whole: ({ body, trailers }) => body.length === 3 * 7 && trailers['grpc-status'] === '0',
}

/** Over connections of its own, which it uses until it is told not to. */
function http1({ method, path, headers, body: sent, whole }: Asked, ca?: string): Client {
  return async ({ port }, balancer, tally) => {
    while (balancer.ready) {
      const agent = ca
        ? new TlsAgent({ keepAlive: true, maxSockets: 1, ca })
        : new Agent({ keepAlive: true, maxSockets: 1 })
      for (let open = true; open; ) {
        try {
          const { body, connection } = await new Promise<{ body: string; connection: string | undefined }>(
            (resolve, reject) => {
              const send = ca ? askOverTls : ask
              const options = { host: '127.0.0.1', port, method, path, headers, agent }
              const request = send(options, async (response) => {
                try {
                  const body = String(Buffer.concat(await response.toArray()))
                  resolve({ body, connection: response.headers.connection })
                } catch (error) {
                  reject(error)
                }
              })
              request.on('error', reject)
              request.end(sent)
            },
          )
          if (whole({ body, headers: {}, trailers: {} })) tally.answered++
          else tally.lost.push(body)
          open = connection !== 'close'
        } catch (error) {
          tally.lost.push(error)
          open = false
        }
      }
      agent.destroy()
    }
  }
}

/** Over one connection, many at once, until it is told not to. */
function http2(asked: Asked, ca?: string): Client {
  const { method, path, headers, body: sent, whole } = asked
  return async ({ url }, balancer, tally) => {
    while (balancer.ready) {
      const client = await Http2Client.connect(url, ca === undefined ? {} : { ca })
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          while (!client.goaway && !client.session.closed) {
            const answer = await client.ask(method, path, headers, sent)
            const { status, body, reset } = answer
            if (whole(answer)) tally.answered++
            else if (reset === constants.NGHTTP2_REFUSED_STREAM) tally.refused++
            else tally.lost.push({ status, body, reset })
          }
        }),
      )
      client.close()
    }
  }
}

describe('a server that closes under load', () => {
  let certificate: Certificate
  beforeAll(() => {
    certificate = makeCertificate()
  })
  afterAll(() => certificate.remove())

  it.each([
    ['JSON over HTTP/1.1', false, 20, () => http1(json)],
    ['JSON over HTTP/2', false, 5, () => http2(json)],
    ['JSON over HTTP/1.1 and TLS', true, 20, () => http1(json, certificate.tls.cert)],
    ['JSON over HTTP/2 and TLS', true, 5, () => http2(json, certificate.tls.cert)],
    ['Connect over HTTP/1.1', false, 20, () => http1(connect)],
    ['Connect over HTTP/2', false, 5, () => http2(connect)],
    ['streams of Connect', false, 20, () => http1(connectStream)],
    ['gRPC', false, 5, () => http2(grpc)],
    ['gRPC over TLS', true, 5, () => http2(grpc, certificate.tls.cert)],
    ['streams of gRPC', false, 5, () => http2(grpcStream)],
  ] as const)(
    'loses no request of clients of %s',
    { timeout: 60_000 },
    async (_name, secure, count, clientOf) => {
      for (let round = 0; round < 3; round++) {
        const server = await serveOne(busyServlet, secure ? { tls: certificate.tls } : {})
        const balancer: Balancer = { ready: true }
        const tally: Tally = { answered: 0, refused: 0, lost: [] }
        const clients = Array.from({ length: count }, () => clientOf()(server, balancer, tally))
        await expect.poll(() => tally.answered, { timeout: 15_000 }).toBeGreaterThan(50)
        const before = tally.answered
        const closed = server.close({ drainDelayMs: 100 })
        // As the load balancer: it hears of it before the server stops accepting.
        balancer.ready = false
        await closed
        await Promise.all(clients)
        expect(tally.lost).toEqual([])
        expect(tally.answered).toBeGreaterThan(before)
      }
    },
  )

  it('is not ready first, and goes on as before for a while', async () => {
    const server = await serveOne(busyServlet)
    const closed = server.close({ drainDelayMs: 500 })
    const ready = await fetch(`${server.url}/-/ready`, { headers: { connection: 'close' } })
    expect(ready.status).toBe(503)
    const client = await Http2Client.connect(server.url)
    expect((await client.ask('GET', '/work')).body).toBe(ended)
    expect(client.goaway).toBe(undefined)
    await closed
    await expect(fetch(`${server.url}/work`)).rejects.toThrow('fetch failed')
  })
})
