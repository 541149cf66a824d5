import type { CatalogServlet } from '@atlas/manifest'
import type { CallCount } from '@atlas/runtime'
import type { Prepared } from '../prepare.ts'

/** A servlet as a host gets it: plain data, because it crosses the border of a process. */
export interface HostedServlet {
  readonly entry: CatalogServlet
  readonly prepared: Prepared
}

/** What a host is to run. */
export interface HostJob {
  /** The root of the workspace. */
  readonly root: string
  /** The Unix socket on which it answers. */
  readonly socket: string
  /** The Unix socket of the gateway, over which servlets call each other. */
  readonly gateway: string
  readonly servlets: readonly HostedServlet[]
}

/** What the supervisor tells a host. */
export type ToHost =
  | { readonly kind: 'load'; readonly job: HostJob }
  /** Asks what its servlets called. */
  | { readonly kind: 'calls'; readonly question: number }
  /** Finishes what runs, closes the servlets, ends. */
  | { readonly kind: 'close'; readonly graceMs: number }
  /** The answer to a question for a token: none where the call is not declared. */
  | { readonly kind: 'token'; readonly question: number; readonly token: string | undefined }

/** A servlet that a host runs, as its code says: while somebody writes it, the committed document is older. */
export interface LoadedOutline {
  readonly name: string
  readonly outline: object
}

/** What a host tells the supervisor. */
export type FromHost =
  /** Everything that servlets share is loaded, and no servlet is. */
  | { readonly kind: 'blank' }
  | {
      readonly kind: 'ready'
      readonly outlines: readonly LoadedOutline[]
      /** Files of the workspace that were loaded, relative to its root: when one changes, so does the host. */
      readonly files: readonly string[]
      /** Servlets of a group that do not start, by name, with the reason; the others run. */
      readonly broken: Readonly<Record<string, string>>
    }
  /** Asks for a token by which one of its servlets may call another. */
  | { readonly kind: 'token'; readonly question: number; readonly caller: string; readonly callee: string }
  /** What its servlets called since it started: the answer to a question, or the last word before it ends. */
  | { readonly kind: 'calls'; readonly question?: number; readonly counts: readonly CallCount[] }
  /** The files are those that were loaded before it failed. */
  | { readonly kind: 'failed'; readonly reason: string; readonly files: readonly string[] }
