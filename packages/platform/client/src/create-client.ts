import {
  type AnyEndpoint,
  AtlasError,
  type BytesSource,
  bindingOf,
  type Contract,
  type Issue,
  invalidInput,
  isStream,
} from '@atlas/contract'
import type { CallOptions, CallRequest, Client, Transport } from './client.ts'
import { markOrigin } from './origin.ts'

/** Makes the typed client of a contract over a transport. */
export function createClient<C extends Contract>(contract: C, transport: Transport): Client<C> {
  const calls: Record<string, unknown> = {}
  for (const [name, endpoint] of Object.entries(contract.endpoints))
    calls[name] = isStream(endpoint.output)
      ? streamCall(contract, name, endpoint, transport)
      : unaryCall(contract, name, endpoint, transport)
  return Object.freeze(calls) as Client<C>
}

function unaryCall(contract: Contract, name: string, endpoint: AnyEndpoint, transport: Transport) {
  const call = async (input?: object, options?: CallOptions) => {
    try {
      return await transport.unary(requestOf(contract, name, endpoint, input, options))
    } catch (error) {
      throw marked(error, contract, name)
    }
  }
  const result = async (input?: object, options?: CallOptions) => {
    try {
      return { ok: true, value: await call(input, options) }
    } catch (error) {
      if (error instanceof AtlasError && error.kind !== undefined) return { ok: false, error }
      throw error
    }
  }
  return Object.assign(call, { result })
}

function streamCall(contract: Contract, name: string, endpoint: AnyEndpoint, transport: Transport) {
  return async function* (input?: object, options?: CallOptions) {
    try {
      yield* transport.stream(requestOf(contract, name, endpoint, input, options))
    } catch (error) {
      throw marked(error, contract, name)
    }
  }
}

function marked(error: unknown, contract: Contract, name: string): unknown {
  return error instanceof AtlasError ? markOrigin(error, `${contract.name}.${name}`) : error
}

function requestOf(
  contract: Contract,
  name: string,
  endpoint: AnyEndpoint,
  given: object = {},
  options: CallOptions = {},
): CallRequest {
  const { body, ...input } = given as Record<string, unknown>
  const request = { contract, name, endpoint, signal: options.signal, timeoutMs: options.timeoutMs }
  if (!endpoint.body) {
    checkPath(endpoint, given as Record<string, unknown>)
    return { ...request, input: given as Record<string, unknown>, body: undefined }
  }
  checkPath(endpoint, input)
  if (body === undefined)
    throw invalidInput([{ path: 'body', message: 'is missing: this endpoint takes bytes' }])
  return { ...request, input, body: body as BytesSource }
}

/**
 * Refuses values that no URL can carry in a path: an empty one matches no route, and clients resolve `.` and `..` away
 * before they send. In-process calls refuse them too, so that a call does not begin to fail when servlets are separated.
 */
function checkPath(endpoint: AnyEndpoint, input: Readonly<Record<string, unknown>>): void {
  const issues: Issue[] = []
  for (const field of bindingOf(endpoint).path) {
    const value = input[field.name]
    if (typeof value !== 'string') continue
    if (value === '') issues.push({ path: field.name, message: 'must not be empty: it is part of the path' })
    const segments = field.rest ? value.split('/') : [value]
    if (segments.some((segment) => segment === '.' || segment === '..'))
      issues.push({ path: field.name, message: `must not be or contain the path segment '.' or '..'` })
  }
  if (issues.length > 0) throw invalidInput(issues)
}
