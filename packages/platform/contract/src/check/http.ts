import { bindingOf, textOf } from '../binding.ts'
import type { Endpoint } from '../endpoint.ts'
import { defOf, unwrap } from '../schema-def.ts'
import type { Report } from './problem.ts'

/** Reports input fields that cannot travel where the route puts them. The route itself has been parsed. */
export function checkHttpBinding(endpoint: Endpoint, path: string, report: Report): void {
  const { pattern, query } = bindingOf(endpoint)
  for (const segment of pattern.segments)
    if (segment.kind !== 'literal') checkPathField(segment, endpoint, path, report)
  for (const field of query) checkQueryField(field.name, endpoint, path, report)
  if (!endpoint.body) return
  if (pattern.method === 'GET' || pattern.method === 'DELETE')
    report(`${path}.body`, `${pattern.method} has no request body`, 'use PUT or POST')
  if (Object.hasOwn(endpoint.input._zod.def.shape, 'body'))
    report(`${path}.input.body`, `the name 'body' is taken by body: bytes()`, 'rename the field')
}

function checkPathField(
  segment: { readonly kind: 'field' | 'rest'; readonly field: string },
  endpoint: Endpoint,
  path: string,
  report: Report,
): void {
  const { field: name, kind } = segment
  const at = `${path}.input.${name}`
  const shape = endpoint.input._zod.def.shape
  const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
  if (!schema)
    return report(
      `${path}.route`,
      `route has {${name}}, input has no field ${name}`,
      'add the field to input, or correct the route',
    )
  const text = textOf(schema)
  if (!text || text.list)
    report(at, 'a field of the path must be a string, number, boolean or enum', 'move it out of the path')
  else if (kind === 'rest' && text.text !== 'string')
    report(
      at,
      `{${name}*} takes the rest of the path, slashes included`,
      `make it a string, or write {${name}}`,
    )
  const { absent, nullable } = unwrap(schema)
  if (absent || nullable)
    report(at, 'a field of the path is always there', 'remove .optional(), .nullable() and .default()')
}

function checkQueryField(name: string, endpoint: Endpoint, path: string, report: Report): void {
  const at = `${path}.input.${name}`
  const schema = endpoint.input._zod.def.shape[name]!
  const text = textOf(schema)
  const why = endpoint.body ? 'the body is bytes' : `the route is a ${endpoint.route.split(' ', 1)[0]}`
  const { schema: inner, optional, nullable, fallback } = unwrap(schema)
  const def = defOf(inner)
  if (!text) {
    const kind = names[def.type] ?? `a ${def.type}`
    return report(
      at,
      `travels in the query, because ${why}, and a query cannot hold ${kind} like this`,
      'use strings, numbers, booleans, enums or lists of them, or a POST with a JSON body',
    )
  }
  const nullableItem = def.type === 'array' && unwrap(def.element).nullable
  if (nullable || nullableItem)
    report(at, `travels in the query, because ${why}, and a query has no null`, 'use .optional(), or no null')
  const emptyDefault = fallback && Array.isArray(fallback.value) && fallback.value.length === 0
  if (text.list && (optional || (fallback && !emptyDefault)))
    report(at, 'a query cannot tell an absent list from an empty one', 'use .default([]) or no wrapper')
}

const names: Partial<Record<ReturnType<typeof defOf>['type'], string>> = {
  array: 'a list',
  enum: 'an enum',
  object: 'an object',
  lazy: 'a lazy schema',
}
