import { mediaTypeOf, watchBytes } from '@atlas/client'
import {
  AtlasError,
  type ByteStream,
  type Bytes,
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
import type { Env } from '../context.ts'
import type { ServletDefinition } from '../servlet.ts'
import { enforceAccess } from './access.ts'
import { type CallScope, currentCall } from './call-scope.ts'
import { errorMakers } from './error-maker.ts'
import { chainOf } from './handler-chain.ts'
import { HandlerContext } from './handler-context.ts'
import { limitBytes } from './limit-bytes.ts'
import { outgoingError, stopped } from './outgoing-error.ts'

/** Runs one endpoint: access, input, middleware and handler, output. Errors are AtlasErrors that callers may see. */
export interface EndpointRunner {
  /**
   * The parsed output, or a ByteStream, whose errors are ones that callers may see too. For endpoints that answer once.
   * The body is read by the handler alone: one that it leaves is the caller's to cancel.
   */
  unary(input: unknown, body: BytesSource | undefined, scope: CallScope): Promise<unknown>
  /** Parsed items. For streams. */
  stream(input: unknown, scope: CallScope): AsyncIterable<unknown>
}

/** Told of every error that is the servlet's, or has a cause, which callers do not see. */
export type OnError = (error: AtlasError) => void

const ownFaults: ReadonlySet<Code> = new Set(['internal', 'unknown', 'data_loss'])

/** What all endpoints of a running servlet share. */
export interface ServletState {
  readonly env: Env
  /** What `setup` made. */
  readonly value: unknown
}

/** Makes the runner of an endpoint. */
export function endpointRunner(
  name: string,
  endpoint: Endpoint,
  definition: ServletDefinition,
  { env, value: state }: ServletState,
  onError: OnError,
): EndpointRunner {
  const parseInput = parserOf(endpoint.input)
  const errors = errorMakers(endpoint)
  const parseUser = definition.user && parserOf(definition.user)
  const { handlers, use } = definition
  const run = chainOf(handlers[name]!.bind(handlers), use, name)

  const begin = (input: unknown, body: BytesSource | undefined, scope: CallScope): unknown => {
    enforceAccess(endpoint.access, scope, name)
    scope.endpoint = name
    const parsed = parseInput(input)
    if (!parsed.ok) throw invalidInput(parsed.issues)
    const value = endpoint.body ? { ...parsed.value, body: accepted(endpoint.body, body) } : parsed.value
    const user = scope.user === undefined || !parseUser ? scope.user : subjectOf(parseUser(scope.user))
    return currentCall.run(scope, run, value, new HandlerContext(env, state, errors, user, scope))
  }
  const failed = (reason: unknown, scope: CallScope): AtlasError => {
    const error = outgoingError(endpoint, reason, scope)
    const ours = ownFaults.has(error.code) || error.cause !== undefined
    // In the scope of the call, so that what is logged has its trace.
    if (ours && !(callersEnd.has(error.code) && stopped(scope))) currentCall.run(scope, onError, error)
    return error
  }
  const finish = answering(endpoint, failed)

  return {
    async unary(input, body, scope) {
      try {
        return finish(await begin(input, body, scope), scope)
      } catch (reason) {
        throw failed(reason, scope)
      }
    },
    async *stream(input, scope) {
      try {
        if (!isStream(endpoint.output)) throw new TypeError(`${name} does not answer with a stream`)
        const parseItem = parserOf(endpoint.output.item)
        const items = (await begin(input, undefined, scope)) as AsyncIterable<unknown>
        yield* inScope(scope, items, (item) => answer(parseItem(item)))
      } catch (reason) {
        throw failed(reason, scope)
      }
    },
  }
}

/** How a call ends that its caller ended, which is no news. */
const callersEnd: ReadonlySet<Code> = new Set(['canceled', 'deadline_exceeded'])

function accepted({ types, maxBytes }: Bytes, body: BytesSource | undefined): ByteStream {
  const stream = byteStream(body ?? new Uint8Array())
  const contentType = mediaTypeOf(stream.contentType, types)
  if (!matchesMediaType(contentType, types))
    throw new AtlasError('invalid_argument', `the body is ${contentType}, this takes ${types.join(', ')}`, {
      httpStatus: 415,
    })
  return byteStream(limitBytes(stream, maxBytes), { contentType })
}

type Failed = (reason: unknown, scope: CallScope) => AtlasError

/** What a handler's answer becomes. */
function answering({ output }: Endpoint, failed: Failed): (value: unknown, scope: CallScope) => unknown {
  if (isBytes(output)) return (value, scope) => bytesAnswer(output, value as BytesSource, scope, failed)
  if (isStream(output)) return () => undefined
  const parse = parserOf(output)
  return (value) => answer(parse(value === undefined ? {} : value))
}

/** Bytes are read after the handler has answered, so their errors pass through here; their reads run in its scope. */
function bytesAnswer(output: Bytes, source: BytesSource, scope: CallScope, failed: Failed): ByteStream {
  const stream = byteStream(source)
  const contentType = mediaTypeOf(stream.contentType, output.types)
  const wrong = matchesMediaType(contentType, output.types)
    ? tooMany(stream.sizeBytes ?? 0, output)
    : `it is ${contentType}, not ${output.types.join(', ')}`
  if (wrong) {
    stream.cancel().catch(() => {})
    throw new TypeError(`the handler's answer is not what the contract says: ${wrong}`)
  }
  let seen = 0
  const watched = watchBytes(stream, {
    passed(sizeBytes) {
      seen += sizeBytes
      const problem = tooMany(seen, output)
      if (problem) throw new TypeError(`the handler's answer is not what the contract says: ${problem}`)
    },
    failed: (reason) => failed(reason, scope),
    run: (read) => currentCall.run(scope, read),
  })
  return byteStream(watched, { contentType })
}

function tooMany(sizeBytes: number, { maxBytes }: Bytes): string | undefined {
  return sizeBytes > maxBytes ? `it is larger than ${maxBytes} bytes` : undefined
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
