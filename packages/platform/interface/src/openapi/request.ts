import { mustParseRoute, type RoutePattern } from '@atlas/contract'
import type { EndpointDocument } from '../document.ts'
import { type JsonSchema, type NamedRefinement, resolveRef } from '../json-schema.ts'
import { own } from '../records.ts'
import type { Content, Operation, Parameter } from './document.ts'

/** The parameters and the body of an operation, and what must hold over all of them. */
export type RequestParts = Pick<Operation, 'parameters' | 'requestBody'> & {
  'x-refinements'?: NamedRefinement[]
}

/**
 * Where the fields of an endpoint's input travel, by the same rule as the HTTP binding of contracts: those of the route in
 * the path; the others in the query on GET and DELETE and beside a body of bytes, else in a JSON body.
 */
export function requestOf(
  endpoint: EndpointDocument,
  schemas: Readonly<Record<string, JsonSchema>>,
): RequestParts {
  const pattern = mustParseRoute(endpoint.route)
  const { schema: input } = resolveRef(endpoint.input, schemas)
  const inPath = pathFields(pattern)
  const rest = Object.entries(input.properties ?? {}).filter(([name]) => !inPath.has(name))
  const inQuery = endpoint.body !== undefined || pattern.method === 'GET' || pattern.method === 'DELETE'
  const required = new Set(input.required)
  const parameters = [
    ...[...inPath].map(([name, takesRest]) =>
      pathParameter(name, takesRest, own(input.properties, name) ?? {}),
    ),
    ...(inQuery ? rest.map(([name, schema]) => queryParameter(name, schema, required.has(name))) : []),
  ]
  const requestBody = endpoint.body
    ? { required: true, content: bytesContent(endpoint.body.types) }
    : inQuery || rest.length === 0
      ? undefined
      : {
          required: rest.some(([name]) => required.has(name)),
          content: json(inPath.size === 0 ? endpoint.input : withoutFields(input, inPath)),
        }
  const isWhole = !inQuery && inPath.size === 0
  const refinements = input['x-refinements']
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    ...(refinements && !isWhole ? { 'x-refinements': refinements } : {}),
  }
}

/** The path of a route as OpenAPI writes it: it has no word for "takes the rest". */
export function openApiPath(pattern: RoutePattern): string {
  return pattern.path.replaceAll('*}', '}')
}

/** The fields of a route's path, each with whether it takes the rest. */
function pathFields({ segments }: RoutePattern): Map<string, boolean> {
  return new Map(
    segments.flatMap((segment) =>
      segment.kind === 'literal' ? [] : [[segment.field, segment.kind === 'rest'] as const],
    ),
  )
}

function pathParameter(name: string, takesRest: boolean, schema: JsonSchema): Parameter {
  const { parameter, description } = parameterOf(name, 'path', true, schema)
  const note = takesRest ? 'The rest of the path; may hold slashes.' : undefined
  const text = [description, note].filter((part) => part !== undefined).join(' ')
  return { ...parameter, ...(text === '' ? {} : { description: text }) }
}

function queryParameter(name: string, schema: JsonSchema, required: boolean): Parameter {
  const { parameter, description } = parameterOf(name, 'query', required, schema)
  return { ...parameter, ...(description === undefined ? {} : { description }) }
}

/** OpenAPI shows what is said of a parameter beside its schema, not in it. */
function parameterOf(name: string, where: 'path' | 'query', required: boolean, property: JsonSchema) {
  const { description, deprecated, ...schema } = property
  const parameter: Parameter = { name, in: where, required, schema, ...(deprecated ? { deprecated } : {}) }
  return { parameter, description }
}

function withoutFields(input: JsonSchema, fields: ReadonlyMap<string, boolean>): JsonSchema {
  const { properties = {}, required = [], 'x-input-of': _, 'x-refinements': __, ...rest } = input
  const left = required.filter((name) => !fields.has(name))
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !fields.has(name))),
    ...(left.length > 0 ? { required: left } : {}),
  }
}

/** JSON content of a schema. */
export function json(schema: JsonSchema): Content {
  return { 'application/json': { schema } }
}

/** Content of raw bytes: a media type without a schema, as OpenAPI 3.1 says it. */
export function bytesContent(types: readonly string[]): Content {
  return Object.fromEntries(types.map((type) => [type, {}]))
}
