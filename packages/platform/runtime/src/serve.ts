import { setTimeout } from 'node:timers/promises'
import type { AtlasError } from '@atlas/contract'
import type { Instance } from '@atlas/sdk'
import type { TlsOptions } from './adapters/front/front.ts'
import { startServer } from './adapters/front/server.ts'
import type { Authenticate } from './authentication.ts'
import { createDispatcher } from './dispatch.ts'
import type { EdgePolicy } from './edge/edge-policy.ts'
import { withEdge } from './edge/with-edge.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { createOverload, type Overload, type OverloadOptions } from './overload/overload.ts'
import type { Pages } from './pages.ts'
import type { RequestLog } from './request-log.ts'
import { platformServices } from './rpc/platform-services.ts'
import type { FindDocument } from './rpc/services.ts'
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts'

/** Options of {@link serve}. */
export interface ServeOptions {
  /** The servlets that run. Asked at the start and by `refresh()`. */
  readonly instances: () => readonly Instance[]
  /**
   * The interface document that a servlet was built with (`interface.json`), by its name: gRPC takes the field numbers from
   * it. @default numbers in the order of the contract, which change when the contract does
   */
  readonly documents?: FindDocument
  /** @default '127.0.0.1', so that nobody else can reach what was not meant for them */
  readonly host?: string
  /** @default 0: any free port, see {@link Server.port} */
  readonly port?: number
  /**
   * Listens on a Unix socket at this path, and on no port. Who may connect is who may write to the file. A socket that a
   * process left behind when it was killed is replaced; one that somebody listens on is not.
   *
   * @default none: `host` and `port` count
   */
  readonly path?: string
  /**
   * Serves over TLS only. @default cleartext: in a cluster the gateway has the certificates, and within the network
   * policy of a servlet nobody else is heard
   */
  readonly tls?: TlsOptions
  /**
   * Who can reach this port: anybody, or other servlets only. On the internal one internal endpoints answer, and the
   * header `x-atlas-caller` is believed. `gateway` says that nobody but a gateway reaches it, which says in headers of its own
   * by which listener a request came, who calls and who is signed in.
   *
   * @default 'public'
   */
  readonly listener?: 'public' | 'internal' | 'gateway'
  /**
   * Says who a bearer token belongs to, or throws an AtlasError. What it resolves to is plain data, and kept for a short
   * time. @default nobody can sign in
   */
  readonly authenticate?: Authenticate
  /** What the environment decides about browsers: CORS, and the cookie of whoever is signed in. @default nothing */
  readonly edge?: EdgePolicy | undefined
  /**
   * Metrics, traces and logs. One that is given is for the whole process, and closed by whoever made it, after all servers.
   * False for none.
   *
   * @default one of this server's own, as OpenTelemetry's variables say, closed with it
   */
  readonly telemetry?: Telemetry | false
  /**
   * Keeps the server from taking on more than it can do, see `src/overload/README.md`: options, or one that several
   * servers of a process share and whoever made it closes. False for none, where somebody in front does it.
   *
   * @default one of this server's own
   */
  readonly overload?: OverloadOptions | Overload | false
  /** Told of every request when it is over. Runs in the scope of the request, so that what is logged has its trace. */
  readonly onRequest?: (entry: RequestLog) => void
  /** What `/-/ready` says while the server does not drain. @default true */
  readonly ready?: () => boolean
  /** @default see {@link Limits} */
  readonly limits?: Partial<Limits>
  /** Further pages of the server itself, by paths that begin with `/-/`. */
  readonly pages?: Pages
  /** Asked for a better error where nothing is served at a path: why a servlet is not there. */
  readonly state?: (path: string) => AtlasError | undefined
}

/** Options of {@link Server.close}. */
export interface CloseOptions {
  /**
   * How long to go on as before while `/-/ready` says no already, so that load balancers send no more requests when
   * none are accepted. @default 0, for servers without a load balancer
   */
  readonly drainDelayMs?: number
  /** How long requests that run may take to finish, before their signals abort. @default 10 s */
  readonly graceMs?: number
  /** How long telemetry of the server's own may take to send what is left. @default 2 s */
  readonly flushMs?: number
}

/** A server that runs. */
export interface Server {
  /** `http://127.0.0.1:8080`, `https` with TLS; on a Unix socket `unix:/run/files.sock` */
  readonly url: string
  /** 0 on a Unix socket */
  readonly port: number
  /** What is told of requests; undefined where that was turned off. */
  readonly telemetry: Telemetry | undefined
  /**
   * Looks at the instances again: servlets came or went. Requests that run are not touched.
   *
   * @throws AtlasError `failed_precondition` when two claim the same route; what was served before is still served
   */
  refresh(): void
  /** Drains and closes; resolves when no connection is left and telemetry was sent. A second call waits for the first. */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Serves servlets on one port: HTTP/1.1 and HTTP/2, which clients choose by how they begin, or by ALPN over TLS.
 *
 * @throws AtlasError `failed_precondition` when the port, the path or the certificate cannot be used, or two servlets claim the same route
 */
export async function serve(options: ServeOptions): Promise<Server> {
  if (options.telemetry !== undefined) return start(options, options.telemetry || undefined, async () => {})
  const telemetry = await createTelemetry()
  try {
    return await start(options, telemetry, telemetry.close)
  } catch (error) {
    await telemetry.close(0)
    throw error
  }
}

/** @param end what follows the drain. Last, because everything before it is still told of */
async function start(
  options: ServeOptions,
  telemetry: Telemetry | undefined,
  end: (timeoutMs: number) => Promise<void>,
): Promise<Server> {
  const { host = '127.0.0.1', port = 0, path, listener = 'public', tls, onRequest } = options
  const limits = { ...defaultLimits, ...options.limits }
  const requests = telemetry?.requests(listener)
  const { overload, endOverload } = overloadOf(options.overload)
  if (telemetry)
    overload?.observe((servlet, endpointClass, admission) =>
      telemetry.metrics.limiter(servlet, endpointClass, admission),
    )
  let closing: Promise<void> | undefined
  const ready = () => closing === undefined && (options.ready?.() ?? true)
  const behindEdge = createDispatcher({
    instances: options.instances,
    documents: options.documents,
    platform: (services) => platformServices(services, ready),
    listener,
    authenticate: options.authenticate,
    ready,
    pages: options.pages,
    state: options.state,
    limits,
    overload,
    telemetry: requests,
    scrape: telemetry?.scrape,
  })
  const dispatcher = withEdge(behindEdge, options.edge, { authenticate: options.authenticate, limits })
  const server = await startServer({
    dispatcher,
    address: path === undefined ? { host, port } : { path },
    tls,
    limits,
    onRequest,
    telemetry: requests,
  })
  async function close({ graceMs = 10_000, drainDelayMs = 0, flushMs = 2000 }: CloseOptions): Promise<void> {
    if (drainDelayMs > 0) await setTimeout(drainDelayMs)
    await server.drain(graceMs)
    endOverload()
    await end(flushMs)
  }
  return {
    url: path === undefined ? urlOf(tls, host, server.port) : `unix:${path}`,
    port: server.port,
    telemetry,
    refresh: dispatcher.refresh,
    close: (options = {}) => {
      closing ??= close(options)
      return closing
    },
  }
}

function overloadOf(given: ServeOptions['overload']) {
  if (given === false) return { overload: undefined, endOverload: () => {} }
  if (given && 'observe' in given) return { overload: given, endOverload: () => {} }
  const overload = createOverload(given)
  return { overload, endOverload: overload.close }
}

function urlOf(tls: TlsOptions | undefined, host: string, port: number): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
