import type { AtlasError } from '@atlas/contract'
import { startServer } from '../adapters/front/server.ts'
import type { Authenticate } from '../authentication.ts'
import type { EdgePolicy } from '../edge/edge-policy.ts'
import { withEdge } from '../edge/with-edge.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import type { Pages } from '../pages.ts'
import type { RequestLog } from '../request-log.ts'
import { platformServices } from '../rpc/platform-services.ts'
import type { Server } from '../serve.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { type CallerOf, createGatewayDispatcher, type Forward, type GatewayServlet } from './dispatcher.ts'

/** Options of {@link serveGateway}. */
export interface GatewayOptions {
  /** Asked at the start and by `refresh()`. */
  readonly servlets: () => readonly GatewayServlet[]
  readonly forward: Forward
  /** @default '127.0.0.1' */
  readonly host?: string
  /** @default 0: any free port */
  readonly port?: number
  /** Listens on a Unix socket in place of a port. */
  readonly path?: string
  /**
   * Makes this the internal gateway, over which servlets call each other: who calls is whom the token in `x-atlas-token` says, and the
   * header `x-atlas-subject` is believed. @default this is the public one, which believes nobody
   */
  readonly callerOf?: CallerOf
  /** Says who a bearer token belongs to. @default nobody can sign in */
  readonly authenticate?: Authenticate
  /** What the environment decides about browsers: CORS, and the cookie of whoever is signed in. @default nothing */
  readonly edge?: EdgePolicy | undefined
  /** Counts requests, and is what `/-/metrics` tells. @default there are no metrics */
  readonly telemetry?: Telemetry
  readonly onRequest?: (entry: RequestLog) => void
  readonly ready?: () => boolean
  readonly limits?: Partial<Limits>
  /** Further pages of the gateway itself, by paths that begin with `/-/`. */
  readonly pages?: Pages
  /** Asked for a better error where nothing is served at a path. */
  readonly state?: (path: string) => AtlasError | undefined
}

/**
 * Serves servlets that run in other processes on one port, with the same answers as `serve` in the process itself.
 *
 * @throws AtlasError `failed_precondition` when the port or the path cannot be used
 */
export async function serveGateway(options: GatewayOptions): Promise<Server> {
  const { host = '127.0.0.1', path, callerOf } = options
  const limits = { ...defaultLimits, ...options.limits }
  let closing: Promise<void> | undefined
  const ready = () => closing === undefined && (options.ready?.() ?? true)
  const telemetry = options.telemetry?.requests(callerOf ? 'internal' : 'public')
  const behindEdge = createGatewayDispatcher({
    servlets: options.servlets,
    forward: options.forward,
    callerOf,
    authenticate: options.authenticate,
    ready,
    pages: options.pages,
    telemetry,
    scrape: options.telemetry?.scrape,
    platform: (services) => platformServices(services, ready),
    state: options.state,
    limits,
  })
  const dispatcher = withEdge(behindEdge, options.edge, { authenticate: options.authenticate, limits })
  const server = await startServer({
    dispatcher,
    address: path === undefined ? { host, port: options.port ?? 0 } : { path },
    tls: undefined,
    limits,
    onRequest: options.onRequest,
    telemetry,
  })
  return {
    url:
      path === undefined
        ? `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
        : `unix:${path}`,
    port: server.port,
    telemetry: options.telemetry,
    refresh: dispatcher.refresh,
    close: ({ graceMs = 10_000 } = {}) => {
      closing ??= server.drain(graceMs)
      return closing
    },
  }
}
