import type { CallRequest } from '@atlas/client'
import { type BytesSource, bytes, type Contract, endpoint, stream } from '@atlas/contract'
import type { JsonSchema } from '@atlas/interface'
import * as z from 'zod'
import { propertiesOf } from './check-input.ts'
import type { FoundEndpoint } from './find-endpoint.ts'

/** What is sent with a call. */
export interface Sent {
  readonly input: Readonly<Record<string, unknown>>
  readonly body: BytesSource | undefined
  readonly signal: AbortSignal
  readonly timeoutMs: number | undefined
}

/**
 * A call for the client's transport, so that it travels as every other call does. Of the schemas only remains what
 * decides how a field travels; answers come as they are, fields that this workspace does not know included.
 */
export function requestOf(
  { name, servlet, endpoint: described, document }: FoundEndpoint,
  sent: Sent,
): CallRequest {
  const { route, access, body, output, errors = {} } = described
  const fields = Object.entries(propertiesOf(described.input, document)).map(
    ([field, schema]) =>
      [field, isList(schema, document.schemas ?? {}) ? z.array(z.string()) : z.string()] as const,
  )
  const called = endpoint({
    route: route as 'GET /',
    access,
    input: z.object(Object.fromEntries(fields)),
    output: 'bytes' in output ? bytes(output.bytes) : 'stream' in output ? stream(z.unknown()) : z.unknown(),
    errors: Object.fromEntries(
      Object.entries(errors).map(([kind, { code }]) => [kind, { code, data: z.unknown() }]),
    ),
    ...(body && { body: bytes(body) }),
  })
  const contract: Contract = { name: servlet, endpoints: { [name]: called } }
  return { contract, name, endpoint: called, ...sent }
}

function isList(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): boolean {
  if (schema.$ref !== undefined) {
    const next = schemas[schema.$ref.replace('#/schemas/', '')]
    return next !== undefined && isList(next, schemas)
  }
  return schema.type === 'array'
}
