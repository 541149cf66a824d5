import type { AnswerOf, AnyEndpoint, Contract, InputOf, Stream } from '@atlas/contract'
import type * as z from 'zod'
import type { Calls, Context, Env, ManifestJson } from './context.ts'
import type { AddedBy, Middleware } from './middleware.ts'
import type { Mount } from './mount/mount.ts'

/** What `setup` resolves to: the value that handlers find as `ctx.state`, and how to let go of it. */
export interface Setup<S> {
  readonly value: S
  readonly close?: () => void | Promise<void>
}

/** Answers one endpoint. A stream's handler is an async generator. */
export type Handler<T extends AnyEndpoint, Ctx> = T['output'] extends Stream
  ? (input: InputOf<T>, ctx: Ctx) => AsyncIterable<AnswerOf<T>>
  : (input: InputOf<T>, ctx: Ctx) => AnswerOf<T> | Promise<AnswerOf<T>>

/** The handlers of a contract, one for each endpoint. */
export type Handlers<C extends Contract, M = {}, K = {}, S = undefined, U = unknown, Adds = {}> = {
  readonly [Name in keyof C['endpoints']]: Handler<
    C['endpoints'][Name],
    Context<C['endpoints'][Name], M, K, S, U> & Adds
  >
}

/** What a servlet needs besides its handlers. */
export interface Needs<
  M extends ManifestJson,
  K extends Calls,
  S,
  U extends z.core.$ZodType,
  Use extends readonly Middleware<any, any>[],
> {
  /** `import manifest from '../servlet.json' with { type: 'json' }`: types stores, config and secrets. */
  readonly manifest?: M
  /** The contracts that handlers call, as `ctx.calls`. */
  readonly calls?: K
  /** The schema of `ctx.user`, from the contract of the environment's authenticator. */
  readonly user?: U
  /** Makes `ctx.state` once, before the first call. */
  readonly setup?: (env: Env<M, K>) => Promise<Setup<S>> | Setup<S>
  /** Middleware around every endpoint, the first one outermost. */
  readonly use?: Use
  /** Foreign apps by path prefix, `/legacy`. */
  readonly mount?: Readonly<Record<`/${string}`, Mount>>
}

/** A contract and its implementation. Started by the platform, or by `open` in tests. */
export interface Servlet<C extends Contract = Contract, M = {}, K = {}, U = unknown> {
  readonly contract: C
  readonly definition: ServletDefinition
  /** Types only: what tests must provide. */
  readonly '~types'?: { readonly manifest: M; readonly calls: K; readonly user: U }
}

/** An implementation as the platform runs it, after its types have done their work. */
export interface ServletDefinition {
  readonly manifest: ManifestJson | undefined
  readonly calls: Calls
  readonly user: z.core.$ZodType | undefined
  readonly setup: ((env: Env) => Promise<Setup<unknown>> | Setup<unknown>) | undefined
  readonly use: readonly Middleware<any, any>[]
  readonly mount: Readonly<Record<string, Mount>>
  readonly handlers: Readonly<Record<string, (input: any, ctx: any) => unknown>>
}

/**
 * Implements a contract: `export default servlet(greeter, { greet: async ({ name }) => ({ message: `Hello ${name}` }) })`,
 * with what it needs in between: `servlet(files, { manifest, calls: { identity }, setup, use, mount }, { ... })`.
 *
 * The handlers may be an instance of a class: they are called as its methods.
 *
 * @throws TypeError when a handler is missing, or a mount's prefix is not a path
 */
export function servlet<C extends Contract>(contract: C, handlers: NoInfer<Handlers<C>>): Servlet<C>
export function servlet<
  C extends Contract,
  const M extends ManifestJson = { readonly owner: string },
  K extends Calls = {},
  S = undefined,
  U extends z.core.$ZodType = z.core.$ZodUnknown,
  const Use extends readonly Middleware<any, any>[] = [],
>(
  contract: C,
  needs: Needs<M, K, S, U, Use>,
  // Handlers say nothing about the type parameters; looking for it there would check every handler twice.
  handlers: NoInfer<Handlers<C, M, K, S, z.output<U>, AddedBy<Use>>>,
): Servlet<C, M, K, z.output<U>>
export function servlet(contract: Contract, first: object, second?: object): Servlet {
  const needs = (second ? first : {}) as Partial<ServletDefinition>
  const handlers = (second ?? first) as ServletDefinition['handlers']
  const missing = Object.keys(contract.endpoints).filter((name) => typeof handlers[name] !== 'function')
  if (missing.length > 0)
    throw new TypeError(
      `servlet '${contract.name}' has no handler for ${missing.join(', ')}; add it to the handlers`,
    )
  for (const prefix of Object.keys(needs.mount ?? {}))
    if (!mountPrefix.test(prefix))
      throw new TypeError(
        `servlet '${contract.name}' mounts at '${prefix}'; write a path as in '/legacy', outside of '/-/'`,
      )
  return {
    contract,
    definition: {
      manifest: needs.manifest,
      calls: needs.calls ?? {},
      user: needs.user,
      setup: needs.setup,
      use: needs.use ?? [],
      mount: needs.mount ?? {},
      handlers,
    },
  }
}

/** Whole segments, none of them `.` or `..`, which clients resolve away, and not below `/-/`, which is the platform's. */
const mountPrefix = /^(?!\/-(?:\/|$))(\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/
