import type { CallFacts, Env } from './context.ts'

/** What a middleware sees of the context, whatever servlet it serves. */
export interface MiddlewareContext extends CallFacts, Env {
  readonly user: unknown
}

declare const additions: unique symbol

/** The answer of the rest of the chain, which middleware passes on. Carries the type of what was added. */
export interface Answered<Adds extends object> {
  readonly [additions]: Adds
}

/**
 * Runs the rest of the chain; `adds` are put into the handler's context. Each call of it runs the rest again, which is
 * how a middleware retries; the body of a request can be read once only.
 */
export type Next = <const Adds extends object = {}>(input: unknown, adds?: Adds) => Promise<Answered<Adds>>

/** Wraps every endpoint of a servlet. `Needs` is what it wants to find in the context. */
export type Middleware<Adds extends object = {}, Needs = MiddlewareContext> = (
  next: Next,
) => (input: unknown, ctx: Needs) => Promise<Answered<Adds>>

/**
 * Types a middleware: `middleware((next) => async (input, ctx) => next(input, { startedAt: Date.now() }))`.
 * Handlers find `ctx.startedAt`, typed. What it throws, the caller gets, like what a handler throws; it cannot change an
 * answer, whose type belongs to the contract, and must return what `next` resolved to. Of streams and bytes it sees the
 * beginning: `next` resolves before the items flow.
 */
export function middleware<Adds extends object, Needs = MiddlewareContext>(
  wrap: Middleware<Adds, Needs>,
): Middleware<Adds, Needs> {
  return wrap
}

/** All that a list of middleware adds. */
export type AddedBy<Use extends readonly unknown[]> = Use extends readonly [infer First, ...infer Rest]
  ? (First extends Middleware<infer Adds, any> ? Adds : {}) & AddedBy<Rest>
  : {}
