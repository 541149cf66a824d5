import { AtlasError } from '@atlas/contract'
import type { EndpointRunner } from '@atlas/sdk'
import type { RequestScope } from '../request-scope.ts'

/**
 * How long a stream may take to its first item while it counts as work. After that it waits for something to happen, and
 * a place that it held would be held for hours.
 */
const streamHoldMs = 1000

/**
 * A runner whose handlers run when the admission of their request lets them; at once where there is none. Who answers the
 * request says when they are through, see {@link RequestScope.leave}.
 */
export function limitedRunner(runner: EndpointRunner): EndpointRunner {
  return {
    unary(input, body, scope) {
      const waiting = (scope as RequestScope).enter()
      // Only one that waits costs more than its place does.
      return waiting ? waiting.then(() => runner.unary(input, body, scope)) : runner.unary(input, body, scope)
    },
    stream(input, scope) {
      const request = scope as RequestScope
      return request.admission
        ? new LimitedStream(runner.stream(input, scope), request)
        : runner.stream(input, scope)
    },
  }
}

/** Runs a handler whose request goes on after it: what it answers with, or was sent, comes in pieces. */
export async function runWithin(
  runner: EndpointRunner,
  input: unknown,
  body: Parameters<EndpointRunner['unary']>[1],
  scope: RequestScope,
): Promise<unknown> {
  try {
    const output = await runner.unary(input, body, scope)
    scope.leave(undefined)
    return output
  } catch (reason) {
    scope.leave(AtlasError.from(reason))
    throw reason
  }
}

/** The items of a stream. Only the first one waits for a place; the others cost nothing more than they would without. */
class LimitedStream implements AsyncIterableIterator<unknown> {
  readonly #items: AsyncIterator<unknown>
  readonly #scope: RequestScope
  #next: () => Promise<IteratorResult<unknown>>

  constructor(items: AsyncIterable<unknown>, scope: RequestScope) {
    this.#items = items[Symbol.asyncIterator]()
    this.#scope = scope
    this.#next = () => this.#begin()
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.#next()
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#scope.yield()
    this.#next = async () => over
    await this.#items.return?.()
    return over
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #begin(): Promise<IteratorResult<unknown>> {
    const scope = this.#scope
    // Also of one that is refused: it has no second chance.
    this.#next = async () => over
    const waiting = scope.enter()
    if (waiting) await waiting
    const items = this.#items
    this.#next = () => items.next()
    const timer = setTimeout(() => scope.yield(), streamHoldMs)
    timer.unref()
    try {
      return await items.next()
    } finally {
      clearTimeout(timer)
      scope.yield()
    }
  }
}

const over = { done: true, value: undefined } as const
