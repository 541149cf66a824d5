import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { AtlasError } from '@atlas/contract'
import type { Exchanges } from '../exchange.ts'
import { refuseMalformed } from './client-error.ts'
import { HttpExchange, IncomingRequest, OutgoingResponse } from './exchange.ts'
import { isPaused, keepPaused } from './paused.ts'

/** HTTP/1.1 for connections that somebody else accepts. */
export interface HttpServer {
  /** Takes a connection over. What was read of it is put back. */
  take(socket: Socket): void
  /** Answers a client that sent nothing in time. */
  refuseSilent(socket: Socket): void
  /** Closes connections that no request is on. */
  closeIdle(): void
  closeAll(): void
  /** Frees what is left when no connection is. */
  end(): void
}

/** Makes a server on Node's `http`, which looks every `checkMs` for clients that do not send. */
export function createHttpServer(exchanges: Exchanges, checkMs: number): HttpServer {
  const { limits } = exchanges
  const server: Server<any, any> = createServer({
    IncomingMessage: IncomingRequest,
    ServerResponse: OutgoingResponse,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Node's limit on a whole request would end long uploads; exchanges ask for progress instead.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: checkMs,
  })
  // Node drops headers above its default count without a word. Their size is limited already.
  server.maxHeadersCount = 0
  server.on('request', (request: IncomingRequest, response: OutgoingResponse) => {
    void new HttpExchange(request, response, exchanges, false).run()
  })
  server.on('checkContinue', (request: IncomingRequest, response: OutgoingResponse) => {
    void new HttpExchange(request, response, exchanges, true).run()
  })
  server.on('checkExpectation', (request: IncomingRequest, response: OutgoingResponse) => {
    new HttpExchange(request, response, exchanges, false).interrupt(
      new AtlasError('invalid_argument', `expect: ${request.headers.expect} is not known; leave it out`, {
        httpStatus: 417,
      }),
    )
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (isPaused(error)) keepPaused(error, socket)
    else refuseMalformed(error, socket, exchanges)
  })
  // Node looks for slow clients only once its server listens, which this one never does.
  server.emit('listening')
  return {
    take: (socket) => {
      server.emit('connection', socket)
    },
    refuseSilent: (socket) =>
      refuseMalformed(
        Object.assign(new Error('no request'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
        socket,
        exchanges,
      ),
    closeIdle: () => server.closeIdleConnections(),
    closeAll: () => server.closeAllConnections(),
    end: () => {
      server.close()
    },
  }
}
