import type { Client } from '@atlas/client'
import type { AtlasError, Contract, ErrorSpecsOf } from '@atlas/contract'
import type * as z from 'zod'
import type { Logger } from './logger.ts'
import type { StoresOf } from './stores/stores.ts'

/** The parts of `servlet.json` that types come from. */
export interface ManifestJson {
  readonly owner: string
  readonly stores?: object
  readonly config?: object
  readonly secrets?: object
}

/** Contracts that a servlet calls, by the name it calls them. */
export type Calls = Readonly<Record<string, Contract>>

/** Clients of the called contracts. */
export type ClientsOf<C> = { readonly [K in keyof C]: Client<C[K]> }

/** Configuration: the manifest's defaults, overridden by the environment. */
export type ConfigOf<M> = M extends { readonly config: infer C } ? Readonly<C> : {}

/** Secrets by name. */
export type SecretsOf<M> = M extends { readonly secrets: infer S } ? { readonly [K in keyof S]: string } : {}

/** What lives as long as the servlet: given to `setup`, and part of every context. */
export interface Env<M = {}, C = {}> {
  readonly calls: ClientsOf<C>
  readonly stores: StoresOf<M>
  readonly config: ConfigOf<M>
  readonly secrets: SecretsOf<M>
  readonly log: Logger
}

/** Makes the typed errors of an endpoint: `throw ctx.errors.full({ quotaBytes })`. */
export type ErrorMakers<T> = {
  readonly [K in keyof ErrorSpecsOf<T> & string]: ErrorMaker<K, ErrorSpecsOf<T>[K]['data']>
}

/** Makes one typed error. The message is for people; the default is the kind in words. */
export type ErrorMaker<K extends string, S extends z.core.$ZodType> = {} extends S['_zod']['input']
  ? (data?: S['_zod']['input'], message?: string) => AtlasError<K, S['_zod']['output']>
  : (data: S['_zod']['input'], message?: string) => AtlasError<K, S['_zod']['output']>

/** What is known of one call, whatever the endpoint. */
export interface CallFacts {
  /** Aborts when the caller went away, the deadline passed or the platform gives up on draining. */
  readonly signal: AbortSignal
  /** When the caller stops waiting, in milliseconds since 1970; undefined without a deadline. */
  readonly deadline: number | undefined
  /** The servlet that calls; undefined for calls from outside. */
  readonly caller: string | undefined
}

/** The second argument of a handler. */
export interface Context<T = unknown, M = {}, C = {}, S = undefined, U = unknown>
  extends CallFacts,
    Env<M, C> {
  readonly errors: ErrorMakers<T>
  /** What `setup` made. */
  readonly state: S
  /** Who is signed in, as the environment's authenticator said; certain on endpoints with `access: 'user'`. */
  readonly user: T extends { readonly access: 'user' } ? U : U | undefined
}
