import type { AtlasError } from '@atlas/contract'
import type { Instance } from '@atlas/sdk'
import { startNodeHttp } from './adapters/node-http/server.ts'
import type { Authenticate } from './authentication.ts'
import { createDispatcher } from './dispatch.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { RequestLog } from './request-log.ts'

/** Options of {@link serve}. */
export interface ServeOptions {
  /** The servlets that run. Asked at the start and by `refresh()`. */
  readonly instances: () => readonly Instance[]
  /** @default '127.0.0.1', so that nobody else can reach what was not meant for them */
  readonly host?: string
  /** @default 0: any free port, see {@link Server.port} */
  readonly port?: number
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
  /** How long requests that run may take to finish, before their signals abort. @default 10 s */
  readonly graceMs?: number
}

/** A server that runs. */
export interface Server {
  /** `http://127.0.0.1:8080` */
  readonly url: string
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
 * Serves servlets on one port.
 *
 * @throws AtlasError `failed_precondition` when the port cannot be had, or two servlets claim the same route
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host = '127.0.0.1' } = options
  const limits = { ...defaultLimits, ...options.limits }
  let closing: Promise<void> | undefined
  const dispatcher = createDispatcher({
    instances: options.instances,
    listener: options.listener ?? 'public',
    authenticate: options.authenticate,
    ready: () => closing === undefined && (options.ready?.() ?? true),
    state: options.state,
    limits,
  })
  const server = await startNodeHttp({
    dispatcher,
    host,
    port: options.port ?? 0,
    limits,
    onRequest: options.onRequest,
  })
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    port: server.port,
    refresh: dispatcher.refresh,
    close: ({ graceMs = 10_000 } = {}) => {
      closing ??= server.close(graceMs)
      return closing
    },
  }
}
