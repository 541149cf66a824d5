import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import { mustParseRoute, type RoutePattern } from './route.ts'
import { defOf, unwrap } from './schema-def.ts'

/** How one input field travels in a path or a query. */
export interface BoundField {
  readonly name: string
  /** What its text becomes before the schema sees it. */
  readonly text: 'string' | 'number' | 'boolean'
  /** A list, sent as repeated keys. */
  readonly list: boolean
  /** In the path only: takes the rest, slashes included. */
  readonly rest: boolean
}

/** Where the fields of an endpoint's input travel over HTTP. */
export interface HttpBinding {
  readonly pattern: RoutePattern
  readonly path: readonly BoundField[]
  readonly query: readonly BoundField[]
  /** What the request body holds: nothing, the remaining fields as JSON, or raw bytes. */
  readonly body: 'none' | 'json' | 'bytes'
}

const bindings = new WeakMap<Endpoint, HttpBinding>()

/**
 * The HTTP binding of an endpoint: fields of the route from the path; of the others, on GET and DELETE and where the
 * body is bytes, all from the query, else from the JSON body.
 */
export function bindingOf(endpoint: Endpoint): HttpBinding {
  const known = bindings.get(endpoint)
  if (known) return known
  const pattern = mustParseRoute(endpoint.route)
  const shape: z.core.$ZodShape = endpoint.input._zod.def.shape
  const path: BoundField[] = []
  for (const segment of pattern.segments) {
    if (segment.kind === 'literal') continue
    const schema = Object.hasOwn(shape, segment.field) ? shape[segment.field] : undefined
    if (!schema) continue // reported by `contract`
    path.push({ ...(textOf(schema) ?? fallback), name: segment.field, rest: segment.kind === 'rest' })
  }
  const inQuery = endpoint.body !== undefined || pattern.method === 'GET' || pattern.method === 'DELETE'
  const inPath = new Set(path.map((field) => field.name))
  const query = inQuery
    ? Object.entries(shape)
        .filter(([name]) => !inPath.has(name))
        .map(([name, schema]) => ({ ...(textOf(schema) ?? fallback), name, rest: false }))
    : []
  const body = endpoint.body ? 'bytes' : inQuery ? 'none' : 'json'
  const binding: HttpBinding = { pattern, path, query, body }
  bindings.set(endpoint, binding)
  return binding
}

const fallback = { text: 'string', list: false } as const

/** How a schema travels as text, or undefined where it cannot: an object, a union of different types. */
export function textOf(schema: z.core.$ZodType): { text: BoundField['text']; list: boolean } | undefined {
  const { schema: inner } = unwrap(schema)
  const def = defOf(inner)
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return { text: 'string', list: false }
    case 'number':
      return { text: 'number', list: false }
    case 'boolean':
      return { text: 'boolean', list: false }
    case 'enum':
      return ofValues(z.core.util.getEnumValues(def.entries))
    case 'literal':
      return ofValues(def.values)
    case 'array': {
      const item = textOf(def.element)
      return item && !item.list ? { text: item.text, list: true } : undefined
    }
    default:
      return undefined
  }
}

function ofValues(values: readonly unknown[]): { text: BoundField['text']; list: boolean } | undefined {
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  if (kinds.size !== 1 || (kind !== 'string' && kind !== 'number' && kind !== 'boolean')) return undefined
  return { text: kind, list: false }
}

/**
 * Turns text of a path or a query into what the schema expects. Text that is not of the type stays text, so that the
 * schema refuses it with its own message.
 */
export function fromText(field: BoundField, text: string): unknown {
  if (field.text === 'number') return decimal.test(text) ? Number(text) : text
  if (field.text === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

/** JSON's numbers: `Number('')` is 0 and `Number('0x10')` is 16, which nobody means. */
const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
