import { setTimeout } from 'node:timers/promises'
import type { AtlasError } from '@atlas/contract'
import type { Instance } from '@atlas/sdk'
import type { TlsOptions } from './adapters/front/front.ts'
import { startServer } from './adapters/front/server.ts'
import type { Authenticate } from './authentication.ts'
import { createDispatcher } from './dispatch.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { RequestLog } from './request-log.ts'
import { platformServices } from './rpc/platform-services.ts'
import type { FindDocument } from './rpc/services.ts'

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
   * header `x-atlas-caller` is believed.
   *
   * @default 'public'
   */
  readonly listener?: 'public' | 'internal'
  /**
   * Says who a bearer token belongs to, or throws an AtlasError. What it resolves to is plain data, and kept for a short
   * time. @default nobody can sign in
   */
  readonly authenticate?: Authenticate
  /** Told of every request when it is over. */
  readonly onRequest?: (entry: RequestLog) => void
  /** What `/-/ready` says while the server does not drain. @default true */
  readonly ready?: () => boolean
  /** @default see {@link Limits} */
  readonly limits?: Partial<Limits>
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
}

/** A server that runs. */
export interface Server {
  /** `http://127.0.0.1:8080`, `https` with TLS; on a Unix socket `unix:/run/files.sock` */
  readonly url: string
  /** 0 on a Unix socket */
  readonly port: number
  /**
   * Looks at the instances again: servlets came or went. Requests that run are not touched.
   *
   * @throws AtlasError `failed_precondition` when two claim the same route; what was served before is still served
   */
  refresh(): void
  /** Drains and closes; resolves when no connection is left. A second call waits for the first. */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Serves servlets on one port: HTTP/1.1 and HTTP/2, which clients choose by how they begin, or by ALPN over TLS.
 *
 * @throws AtlasError `failed_precondition` when the port, the path or the certificate cannot be used, or two servlets claim the same route
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host = '127.0.0.1', path } = options
  const limits = { ...defaultLimits, ...options.limits }
  let closing: Promise<void> | undefined
  const ready = () => closing === undefined && (options.ready?.() ?? true)
  const dispatcher = createDispatcher({
    instances: options.instances,
    documents: options.documents,
    platform: (services) => platformServices(services, ready),
    listener: options.listener ?? 'public',
    authenticate: options.authenticate,
    ready,
    state: options.state,
    limits,
  })
  const server = await startServer({
    dispatcher,
    address: path === undefined ? { host, port: options.port ?? 0 } : { path },
    tls: options.tls,
    limits,
    onRequest: options.onRequest,
  })
  async function close({ graceMs = 10_000, drainDelayMs = 0 }: CloseOptions): Promise<void> {
    if (drainDelayMs > 0) await setTimeout(drainDelayMs)
    await server.drain(graceMs)
  }
  return {
    url: path === undefined ? urlOf(options, host, server.port) : `unix:${path}`,
    port: server.port,
    refresh: dispatcher.refresh,
    close: (options = {}) => {
      closing ??= close(options)
      return closing
    },
  }
}

function urlOf({ tls }: ServeOptions, host: string, port: number): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
