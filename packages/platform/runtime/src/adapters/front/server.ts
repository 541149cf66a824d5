import { setImmediate } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import type { Dispatcher } from '../../dispatch.ts'
import type { Limits } from '../../limits.ts'
import type { RequestLog } from '../../request-log.ts'
import type { RequestTelemetry } from '../../telemetry/request-telemetry.ts'
import type { Exchanges } from '../exchange.ts'
import { createHttpServer } from '../node-http/server.ts'
import { createHttp2Server } from '../node-http2/server.ts'
import { Front, type TlsOptions } from './front.ts'
import type { Address } from './listen.ts'

/** What a server needs. */
export interface ServerOptions {
  readonly dispatcher: Dispatcher
  readonly address: Address
  readonly tls: TlsOptions | undefined
  readonly limits: Limits
  readonly onRequest: ((entry: RequestLog) => void) | undefined
  readonly telemetry: RequestTelemetry | undefined
}

/** A server that listens. */
export interface ListeningServer {
  /** 0 on a Unix socket. */
  readonly port: number
  /** Takes no more, finishes what runs, gives up on it after `graceMs`. */
  drain(graceMs: number): Promise<void>
}

/** How often clients that do not move are looked for, at least. */
const maxCheckMs = 1000

/** How long connections are left open for requests that are on their way while we stop. */
const settleMs = 100

/** When those who are left may come back: their connection is gone, and somebody else answers by then. */
const retryAfterMs = 1000

/** What a handler gets to react to its signal, before its connection is closed under it. */
const lastMs = 500

/** Serves HTTP/1.1 and HTTP/2 on one port. @throws AtlasError `failed_precondition` when it cannot listen */
export async function startServer(options: ServerOptions): Promise<ListeningServer> {
  const { dispatcher, limits, onRequest, telemetry } = options
  const checkMs = Math.min(
    maxCheckMs,
    limits.headersTimeoutMs,
    limits.jsonBodyTimeoutMs,
    limits.stallTimeoutMs,
    limits.heartbeatMs,
    limits.keepAliveTimeoutMs,
  )
  const exchanges: Exchanges = {
    dispatcher,
    limits,
    onRequest,
    telemetry,
    live: new Set(),
    draining: false,
    untoldAt: Number.NEGATIVE_INFINITY,
  }
  const http1 = createHttpServer(exchanges, checkMs)
  const http2 = createHttp2Server(exchanges)
  const front = new Front({
    ...options,
    take: (socket, protocol) => (protocol === 'http2' ? http2 : http1).take(socket),
    refuseSilent: http1.refuseSilent,
  })
  const end = () => {
    http1.end()
    http2.end()
  }
  let port: number
  try {
    port = await front.listen()
  } catch (error) {
    end()
    throw error
  }
  const checking = setInterval(() => {
    const now = performance.now()
    front.check(now)
    http2.check(now)
    for (const exchange of exchanges.live) exchange.check(now)
  }, checkMs).unref()

  async function drain(graceMs: number): Promise<void> {
    exchanges.draining = true
    const closed = front.close()
    for (const exchange of exchanges.live) exchange.leave()
    http2.warn()
    const settling = setInterval(() => {
      front.closeSilent()
      if (performance.now() - exchanges.untoldAt >= settleMs) http1.closeIdle()
      http2.close()
    }, settleMs)
    const givingUp = setTimeout(() => {
      const error = new AtlasError('unavailable', 'the server is shutting down; try again', {
        data: { retryAfterMs },
      })
      for (const exchange of exchanges.live) exchange.interrupt(error)
    }, graceMs)
    const ending = setTimeout(() => front.closeAll(), graceMs + lastMs)
    await closed
    clearInterval(settling)
    clearTimeout(givingUp)
    clearTimeout(ending)
    // The ends of requests are told a moment after those of their connections, and belong into the log.
    for (let turn = 0; exchanges.live.size > 0 && turn < 100; turn++) await setImmediate()
    clearInterval(checking)
    end()
  }

  return { port, drain }
}
