import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '@atlas/contract'

/** A handler as Node's `http` has it; Express and Connect apps are such functions. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** A handler as the web has it: Hono's and many other frameworks' `fetch`. */
export type WebHandler = (request: Request) => Response | Promise<Response>

/** Options of a mount. */
export interface MountOptions {
  /** @default 'internal', as for endpoints */
  readonly access?: Access
  /** An OpenAPI file beside servlet.json. Without one the app is opaque: its changes cannot be compared. */
  readonly openapi?: string
}

/** A foreign app under a path prefix. */
export interface Mount {
  readonly kind: 'node' | 'web'
  readonly access: Access
  readonly openapi: string | undefined
  /** Called once, when the servlet starts. */
  readonly load: () => Promise<LoadedMount>
}

/** A foreign app that is ready. */
export type LoadedMount =
  | { readonly kind: 'node'; readonly handle: NodeHandler; readonly close: () => Promise<void> }
  | { readonly kind: 'web'; readonly handle: WebHandler; readonly close: () => Promise<void> }
