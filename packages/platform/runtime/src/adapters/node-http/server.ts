import { createServer, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import type { Dispatcher } from '../../dispatch.ts'
import type { Limits } from '../../limits.ts'
import type { RequestLog } from '../../request-log.ts'
import { refuseMalformed } from './client-error.ts'
import { Exchange, type Exchanges, IncomingRequest, OutgoingResponse } from './exchange.ts'
import { listen } from './listen.ts'

/** What a server on Node's `http` needs. */
export interface NodeHttpOptions {
  readonly dispatcher: Dispatcher
  readonly host: string
  readonly port: number
  readonly limits: Limits
  readonly onRequest: ((entry: RequestLog) => void) | undefined
}

/** A server that listens. */
export interface NodeHttpServer {
  readonly port: number
  /** Drains: takes no more, finishes what runs, gives up on it after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** How often clients that do not move are looked for, at least. */
const maxCheckMs = 1000

/** How long connections are left open for a request that is on its way while we stop. */
const settleMs = 100

/** What a handler gets to react to its signal, before its connection is closed under it. */
const lastMs = 500

/** Serves HTTP/1.1. @throws AtlasError `failed_precondition` when it cannot listen */
export async function startNodeHttp(options: NodeHttpOptions): Promise<NodeHttpServer> {
  const { dispatcher, limits, onRequest } = options
  const checkMs = Math.min(
    maxCheckMs,
    limits.headersTimeoutMs,
    limits.jsonBodyTimeoutMs,
    limits.stallTimeoutMs,
    limits.heartbeatMs,
  )
  const exchanges: Exchanges = { dispatcher, limits, onRequest, live: new Set(), draining: false }
  const server: Server<any, any> = createServer({
    IncomingMessage: IncomingRequest,
    ServerResponse: OutgoingResponse,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Node's limit on a whole request would end long uploads; `check` asks for progress instead.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: checkMs,
  })
  // Node drops headers above its default count without a word. Their size is limited already.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  server.on('request', (request: IncomingRequest, response: OutgoingResponse) => {
    void new Exchange(request, response, exchanges, false).run()
  })
  server.on('checkContinue', (request: IncomingRequest, response: OutgoingResponse) => {
    void new Exchange(request, response, exchanges, true).run()
  })
  server.on('checkExpectation', (request: IncomingRequest, response: OutgoingResponse) => {
    new Exchange(request, response, exchanges, false).interrupt(
      new AtlasError('invalid_argument', `expect: ${request.headers.expect} is not known; leave it out`, {
        httpStatus: 417,
      }),
    )
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseMalformed(error, socket, exchanges),
  )
  const silent = silentConnections(server)
  await listen(server, options.host, options.port)
  const checking = setInterval(() => {
    const now = performance.now()
    for (const exchange of exchanges.live) exchange.check(now)
  }, checkMs).unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: async (graceMs) => {
      exchanges.draining = true
      for (const exchange of exchanges.live) exchange.leave()
      await drain(server, exchanges, silent, graceMs)
      clearInterval(checking)
    },
  }
}

/** Connections that nothing was sent over yet; Node does not count them as idle. */
function silentConnections(server: NetServer): () => Socket[] {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => [...open].filter((socket) => socket.bytesRead === 0)
}

async function drain(
  server: Server<any, any>,
  exchanges: Exchanges,
  silent: () => Socket[],
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // `http`'s own close ends idle connections at once, and with them requests that are on their way over them.
    NetServer.prototype.close.call(server, () => resolve())
  })
  const closeIdle = () => {
    server.closeIdleConnections()
    for (const socket of silent()) socket.destroy()
  }
  const settling = setTimeout(closeIdle, settleMs)
  const closing = setInterval(closeIdle, settleMs)
  const givingUp = setTimeout(() => {
    const error = new AtlasError('unavailable', 'the server is shutting down; try again')
    for (const exchange of exchanges.live) exchange.interrupt(error)
  }, graceMs)
  const ending = setTimeout(() => server.closeAllConnections(), graceMs + lastMs)
  await closed
  for (const timer of [settling, givingUp, ending]) clearTimeout(timer)
  clearInterval(closing)
  // The ends of requests are told a moment after those of their connections, and belong into the log.
  for (let turn = 0; exchanges.live.size > 0 && turn < 100; turn++) await setImmediate()
  // Ends what `http` started beside the listening socket.
  server.close()
}
