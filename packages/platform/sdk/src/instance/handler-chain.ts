import type { Middleware } from '../middleware.ts'
import { addTo } from './handler-context.ts'

type Handler = (input: unknown, ctx: object) => unknown

/** What `next()` resolves to: the answer, out of middleware's reach. */
class SealedAnswer {
  readonly #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  static open(sealed: unknown, endpoint: string): unknown {
    if (sealed instanceof SealedAnswer) return sealed.#value
    throw new TypeError(
      `a middleware around ${endpoint} did not return what next() resolved to; return it, or throw an AtlasError`,
    )
  }
}

/** Handler and middleware as one function, the first middleware outermost. */
export function chainOf(handler: Handler, use: readonly Middleware<any, any>[], endpoint: string): Handler {
  if (use.length === 0) return handler
  const chain = use.reduceRight<(input: unknown, ctx: object) => Promise<unknown>>(
    (rest, wrap) => async (input, ctx) => {
      const next = async (passed: unknown, adds?: object) => {
        if (adds) addTo(ctx, adds)
        return rest(passed, ctx)
      }
      return wrap(next as never)(input, ctx)
    },
    async (input, ctx) => new SealedAnswer(await handler(input, ctx)),
  )
  return async (input, ctx) => SealedAnswer.open(await chain(input, ctx), endpoint)
}
