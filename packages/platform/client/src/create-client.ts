import {
  type AnyEndpoint,
  AtlasError,
  type BoundField,
  type BytesSource,
  bindingOf,
  type Contract,
  type Issue,
  invalidInput,
  isBytes,
  isStream,
} from '@atlas/contract'
import type { CallOptions, CallRequest, Client, Transport } from './client.ts'
import { leavable } from './leavable.ts'
import { markOrigin } from './origin.ts'

/** Makes the typed client of a contract over a transport. */
export function createClient<C extends Contract>(contract: C, transport: Transport): Client<C> {
  const calls: Record<string, unknown> = {}
  for (const [name, endpoint] of Object.entries(contract.endpoints)) {
    const path = bindingOf(endpoint).path
    const target: Target = { contract, name, endpoint, path, origin: `${contract.name}.${name}` }
    calls[name] = isStream(endpoint.output) ? streamCall(target, transport) : unaryCall(target, transport)
  }
  return Object.freeze(calls) as Client<C>
}

/** What is called. */
interface Target {
  readonly contract: Contract
  readonly name: string
  readonly endpoint: AnyEndpoint
  /** The fields that travel in the path. */
  readonly path: readonly BoundField[]
  readonly origin: string
}

function unaryCall(target: Target, transport: Transport) {
  const call = async (input?: object, options?: CallOptions) => {
    try {
      return await transport.unary(requestOf(target, input, options))
    } catch (error) {
      throw marked(error, target)
    }
  }
  const carrying = target.endpoint.body ? leavingNoBody(call, target) : call
  const result = async (input?: object, options?: CallOptions) => {
    try {
      return { ok: true, value: await carrying(input, options) }
    } catch (error) {
      if (error instanceof AtlasError && error.kind !== undefined) return { ok: false, error }
      throw error
    }
  }
  return Object.assign(carrying, { result })
}

type UnaryFunction = (input?: object, options?: CallOptions) => Promise<unknown>

/** Cancels a stream that was to be sent and that nobody began to read, so that it lets go of its file or socket. */
function leavingNoBody(call: UnaryFunction, { endpoint }: Target): UnaryFunction {
  return async (input, options) => {
    const body: unknown = (input as { body?: unknown } | undefined)?.body
    const release = () => {
      if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => {})
    }
    try {
      const answer = await call(input, options)
      // An answer of bytes may be the body, on its way back.
      if (!isBytes(endpoint.output)) release()
      return answer
    } catch (error) {
      release()
      throw error
    }
  }
}

function streamCall(target: Target, transport: Transport) {
  return (input?: object, options?: CallOptions) =>
    leavable(options?.signal, async function* (signal) {
      try {
        yield* transport.stream(requestOf(target, input, { ...options, signal }))
      } catch (error) {
        throw marked(error, target)
      }
    })
}

function marked(error: unknown, { origin }: Target): unknown {
  return error instanceof AtlasError ? markOrigin(error, origin) : error
}

function requestOf(target: Target, given: object | undefined, options: CallOptions | undefined): CallRequest {
  const { contract, name, endpoint, path } = target
  const signal = options?.signal
  const timeoutMs = options?.timeoutMs
  if (timeoutMs !== undefined && Number.isNaN(timeoutMs))
    throw new AtlasError('invalid_argument', 'timeoutMs is not a number; leave it out to wait without limit')
  const fields = (given ?? {}) as Record<string, unknown>
  if (path.length > 0) checkPath(path, fields)
  if (!endpoint.body) return { contract, name, endpoint, input: fields, body: undefined, signal, timeoutMs }
  const { body, ...input } = fields
  if (body === undefined)
    throw invalidInput([{ path: 'body', message: 'is missing: this endpoint takes bytes' }])
  return { contract, name, endpoint, input, body: body as BytesSource, signal, timeoutMs }
}

/**
 * Refuses values that no URL can carry in a path: an empty one matches no route, and clients resolve `.` and `..` away
 * before they send. In-process calls refuse them too, so that a call does not begin to fail when servlets are separated.
 */
function checkPath(path: readonly BoundField[], input: Readonly<Record<string, unknown>>): void {
  const issues: Issue[] = []
  for (const { name, rest } of path) {
    const value = input[name]
    const problem = value === undefined || value === null ? missing : problemOf(String(value), rest)
    if (problem) issues.push({ path: name, message: problem })
  }
  if (issues.length > 0) throw invalidInput(issues)
}

const missing = 'is missing: it is part of the path'

function problemOf(value: string, rest: boolean): string | undefined {
  if (value === '') return 'must not be empty: it is part of the path'
  if (!value.isWellFormed()) return 'must be well-formed Unicode: it is part of the path'
  const dots = rest ? value.split('/').some(isDots) : isDots(value)
  return dots ? `must not be or contain the path segment '.' or '..'` : undefined
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..'
}
