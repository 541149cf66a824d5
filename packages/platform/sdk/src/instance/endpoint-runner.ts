import {
  AtlasError,
  type BytesSource,
  byteStream,
  type Code,
  type Endpoint,
  invalidInput,
  isBytes,
  isStream,
  matchesMediaType,
  parserOf,
} from '@atlas/contract'
import type { ServletDefinition } from '../servlet.ts'
import { enforceAccess } from './access.ts'
import { type CallScope, currentCall } from './call-scope.ts'
import { errorMakers } from './error-maker.ts'
import { limitBytes } from './limit-bytes.ts'
import { outgoingError } from './outgoing-error.ts'

/** Runs one endpoint: access, input, middleware and handler, output. Errors are AtlasErrors that callers may see. */
export interface EndpointRunner {
  /** The parsed output, or a ByteStream. For endpoints that answer once. */
  unary(input: unknown, body: BytesSource | undefined, scope: CallScope): Promise<unknown>
  /** Parsed items. For streams. */
  stream(input: unknown, scope: CallScope): AsyncIterable<unknown>
}

/** Told of every error that is the servlet's, or has a cause, which callers do not see. */
export type OnError = (error: AtlasError) => void

const ownFaults: ReadonlySet<Code> = new Set(['internal', 'unknown', 'data_loss'])

const scopeOf = Symbol('call scope')

/** What every context inherits. `signal` is read through the scope, which makes it on first use: few handlers look at it. */
const contextPrototype: ThisType<{ [scopeOf]: CallScope }> = {
  get signal() {
    return this[scopeOf].signal
  },
  get deadline() {
    return this[scopeOf].deadline
  },
  get caller() {
    return this[scopeOf].caller
  },
}

/** Makes the runner of an endpoint. `env` is what every context of the servlet shares. */
export function endpointRunner(
  name: string,
  endpoint: Endpoint,
  definition: ServletDefinition,
  env: object,
  onError: OnError,
): EndpointRunner {
  const parseInput = parserOf(endpoint.input)
  const shared: object = Object.assign(Object.create(contextPrototype), env, {
    errors: errorMakers(endpoint),
  })
  const run = compose(definition, name)
  const parseUser = definition.user && parserOf(definition.user)

  const contextOf = (scope: CallScope): object => {
    const context = Object.create(shared) as { [scopeOf]: CallScope; user: unknown }
    context[scopeOf] = scope
    context.user = scope.user === undefined || !parseUser ? scope.user : subjectOf(parseUser(scope.user))
    return context
  }
  const begin = (input: unknown, body: BytesSource | undefined, scope: CallScope): Promise<unknown> => {
    enforceAccess(endpoint.access, scope, name)
    const parsed = parseInput(input)
    if (!parsed.ok) throw invalidInput(parsed.issues)
    const value = endpoint.body
      ? { ...(parsed.value as object), body: acceptBody(endpoint, body) }
      : parsed.value
    return currentCall.run(scope, run, value, contextOf(scope))
  }
  const failed = (reason: unknown): AtlasError => {
    const error = outgoingError(endpoint, reason)
    if (ownFaults.has(error.code) || error.cause !== undefined) onError(error)
    return error
  }

  return {
    async unary(input, body, scope) {
      try {
        return finish(endpoint, await begin(input, body, scope))
      } catch (reason) {
        throw failed(reason)
      }
    },
    async *stream(input, scope) {
      try {
        const items = (await begin(input, undefined, scope)) as AsyncIterable<unknown>
        if (!isStream(endpoint.output)) throw new TypeError(`${name} does not answer with a stream`)
        const parseItem = parserOf(endpoint.output.item)
        yield* inScope(scope, items, (item) => answer(parseItem(item)))
      } catch (reason) {
        throw failed(reason)
      }
    },
  }
}

/** Handler and middleware as one function; middleware puts what it adds into the context of this call. */
function compose(
  { handlers, use }: ServletDefinition,
  name: string,
): (input: any, ctx: object) => Promise<unknown> {
  const handler = handlers[name]!
  return use.reduceRight<(input: any, ctx: object) => Promise<unknown>>(
    (rest, wrap) => async (input, ctx) => {
      const next = async (passed: unknown, adds?: object) =>
        rest(passed, adds ? Object.assign(ctx, adds) : ctx)
      return wrap(next as never)(input, ctx)
    },
    async (input, ctx) => handler(input, ctx),
  )
}

function acceptBody(endpoint: Endpoint, body: BytesSource | undefined) {
  const { types, maxBytes } = endpoint.body!
  const stream = byteStream(body ?? new Uint8Array())
  if (!matchesMediaType(stream.contentType, types))
    throw new AtlasError(
      'invalid_argument',
      `the body is ${stream.contentType}, this takes ${types.join(', ')}`,
      {
        httpStatus: 415,
      },
    )
  return limitBytes(stream, maxBytes)
}

function finish(endpoint: Endpoint, value: unknown): unknown {
  const { output } = endpoint
  if (!isBytes(output)) return answer(parserOf(output as never)(value ?? {}))
  const stream = byteStream(value as BytesSource)
  const only = output.types.length === 1 && !output.types[0]!.includes('*') ? output.types[0] : undefined
  return only && stream.contentType === 'application/octet-stream'
    ? byteStream(stream, { contentType: only })
    : stream
}

function answer(parsed: ReturnType<ReturnType<typeof parserOf>>): unknown {
  if (parsed.ok) return parsed.value
  throw new TypeError(`the handler's answer is not what the contract says: ${describe(parsed.issues)}`)
}

function subjectOf(parsed: ReturnType<ReturnType<typeof parserOf>>): unknown {
  if (parsed.ok) return parsed.value
  throw new TypeError(
    `the authenticator's answer is not the servlet's 'user' schema: ${describe(parsed.issues)}`,
  )
}

function describe(issues: readonly { path: string; message: string }[]): string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
}

/** Iterates inside the call's scope: a generator's body runs when it is pulled, which happens outside of it. */
async function* inScope<T>(
  scope: CallScope,
  items: AsyncIterable<unknown>,
  map: (item: unknown) => T,
): AsyncGenerator<T> {
  const iterator = currentCall.run(scope, () => items[Symbol.asyncIterator]())
  let done = false
  try {
    for (;;) {
      const next = await currentCall.run(scope, () => iterator.next())
      if (next.done) {
        done = true
        return
      }
      yield map(next.value)
    }
  } finally {
    if (!done) await currentCall.run(scope, async () => iterator.return?.())
  }
}
