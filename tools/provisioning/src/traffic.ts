import { once } from 'node:events'
import { request } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Running } from '@atlas/tools-cluster'
import { domain } from './fleet.ts'

/** The public gateway, as everything inside the cluster reaches it. */
const gateway = 'atlas-public.envoy-gateway-system:80'

/** A connection to an address inside the cluster, by the proxy that leads there. */
async function connect(running: Running, address: string): Promise<Socket> {
  const asked = request({ host: '127.0.0.1', port: running.ports.proxy, method: 'CONNECT', path: address })
  asked.end()
  const [response, socket] = (await once(asked, 'connect')) as [{ statusCode?: number }, Socket]
  if (response.statusCode !== 200) throw new Error(`CONNECT ${address}: ${response.statusCode}`)
  return socket
}

/** What was answered. */
export interface Answer {
  readonly status: number
  readonly text: string
  /** What stands after the body, which proxies lose that do not speak HTTP/2 all the way: where gRPC says how a call ended. */
  readonly trailers: IncomingHttpHeaders
}

/** A client of the public gateway. It asks once: what fails has failed. */
export interface Client {
  get(path: string): Promise<Answer>
  /** Calls a gRPC method with one message, given as the bytes of its protobuf. */
  grpc(path: string, message: Buffer): Promise<Answer>
  /** Whether the gateway has ended the connection, as it does after minutes: those who keep them find new proxies. */
  readonly ended: boolean
  close(): void
}

/** Opens a client, with one connection of HTTP/2 that requests share. */
export async function openClient(running: Running, host = domain, address = gateway): Promise<Client> {
  const socket = await connect(running, address)
  const session = connectHttp2(`http://${host}`, { createConnection: () => socket })
  await once(session, 'connect')
  return {
    get: (path) => ask(session, { ':method': 'GET', ':path': path }),
    grpc: (path, message) => {
      const head = Buffer.alloc(5)
      head.writeUInt32BE(message.length, 1)
      return ask(
        session,
        { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
        Buffer.concat([head, message]),
      )
    },
    get ended() {
      return session.closed || session.destroyed
    },
    close: () => session.close(),
  }
}

/** What has no answer by then has failed. */
const answerTimeoutMs = 60_000

async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<Answer> {
  const stream = session.request(headers)
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (found) => {
    trailers = found
  })
  stream.end(body)
  const [answer] = (await once(stream, 'response', { signal: AbortSignal.timeout(answerTimeoutMs) })) as [
    IncomingHttpHeaders & { ':status': number },
  ]
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  // An answer without a message has what trailers say in its headers.
  if (trailers['grpc-status'] === undefined && answer['grpc-status'] !== undefined) trailers = answer
  return { status: answer[':status'], text: Buffer.concat(chunks).toString(), trailers }
}

/** What came of traffic. */
export interface Traffic {
  /** Answers by their text. */
  readonly answers: ReadonlyMap<string, number>
  readonly total: number
  /** Requests that got no good answer, by what they got. Refusals are not among them. */
  readonly failures: readonly string[]
  /** Requests that a servlet refused unseen because this machine had no time for it: said, and safe to ask again. */
  readonly refused: number
}

/** Asks for one thing, and resolves with the text of a good answer. */
export type Ask = (client: Client) => Promise<string>

/** `GET path`. */
export const http =
  (path: string): Ask =>
  async (client) => {
    const { status, text } = await client.get(path)
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    return text
  }

/** The greeter over gRPC: the one field of its message is a string. */
export const greetByGrpc: Ask = async (client) => {
  const { status, text, trailers } = await client.grpc('/greeter.Greeter/Greet', Buffer.from('\n\x03ada'))
  if (status !== 200 || trailers['grpc-status'] !== '0')
    throw new Error(`gRPC: ${status}, ${trailers['grpc-status']} ${trailers['grpc-message']}`)
  // A length, a number of the field, a length.
  return text.slice(7)
}

/** Asks again and again on so many connections each, without a retry, until it is stopped. */
export async function startTraffic(
  running: Running,
  asks: readonly Ask[],
  { connections, pauseMs = 10 }: { readonly connections: number; readonly pauseMs?: number },
): Promise<{ soFar(): number; stop(): Promise<Traffic> }> {
  const answers = new Map<string, number>()
  const failures: string[] = []
  let total = 0
  let refused = 0
  let going = true
  const work = async (asked: Ask, opened: Client) => {
    let client = opened
    while (going) {
      total += 1
      try {
        if (client.ended) client = await openClient(running)
        const text = await asked(client)
        answers.set(text, (answers.get(text) ?? 0) + 1)
      } catch (error) {
        const { message } = error as Error
        if (message.includes('the server is overloaded')) refused += 1
        else failures.push(`${new Date().toISOString()} ${message}`)
        await wait(100)
      }
      await wait(pauseMs)
    }
    client.close()
  }
  const workers: Promise<void>[] = []
  for (const asked of asks)
    for (let each = 0; each < connections; each++) workers.push(work(asked, await openClient(running)))
  return {
    soFar: () => total,
    async stop() {
      going = false
      await Promise.all(workers)
      return { answers, total, failures, refused }
    },
  }
}
