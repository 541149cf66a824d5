import { AtlasError } from '@atlas/contract'
import type { CallScope, EndpointRunner } from '@atlas/sdk'
import type { RequestScope } from '../request-scope.ts'

/**
 * How long a stream may take to its first item while it counts as work. After that it waits for something to happen, and
 * a place that it held would be held for hours.
 */
const streamHoldMs = 1000

/** A runner whose handlers run when the admission of their request lets them; at once where there is none. */
export function limitedRunner(runner: EndpointRunner): EndpointRunner {
  return {
    unary(input, body, scope) {
      const request = scope as RequestScope
      return request.admission ? limitedCall(runner, input, body, request) : runner.unary(input, body, scope)
    },
    stream(input, scope) {
      const request = scope as RequestScope
      return request.admission ? limitedStream(runner, input, request) : runner.stream(input, scope)
    },
  }
}

async function limitedCall(
  runner: EndpointRunner,
  input: unknown,
  body: Parameters<EndpointRunner['unary']>[1],
  scope: RequestScope & CallScope,
): Promise<unknown> {
  const waiting = scope.enter()
  if (waiting) await waiting
  let error: AtlasError | undefined
  try {
    return await runner.unary(input, body, scope)
  } catch (reason) {
    error = AtlasError.from(reason)
    throw reason
  } finally {
    scope.leave(error)
  }
}

async function* limitedStream(
  runner: EndpointRunner,
  input: unknown,
  scope: RequestScope & CallScope,
): AsyncGenerator<unknown> {
  const waiting = scope.enter()
  if (waiting) await waiting
  const timer = setTimeout(() => scope.yield(), streamHoldMs)
  timer.unref()
  try {
    for await (const item of runner.stream(input, scope)) {
      scope.yield()
      yield item
    }
  } finally {
    clearTimeout(timer)
    scope.yield()
  }
}
