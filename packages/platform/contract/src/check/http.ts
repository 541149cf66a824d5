import { bindingOf, textOf } from '../binding.ts'
import type { Endpoint } from '../endpoint.ts'
import { defOf, unwrap } from '../schema-def.ts'
import type { Report } from './problem.ts'

/** Reports input fields that cannot travel where the route puts them. The route itself has been parsed. */
export function checkHttpBinding(endpoint: Endpoint, path: string, report: Report): void {
  const shape = endpoint.input._zod.def.shape
  const binding = bindingOf(endpoint)
  for (const segment of binding.pattern.segments) {
    if (segment.kind === 'literal') continue
    const at = `${path}.input.${segment.field}`
    const schema = shape[segment.field]
    if (!schema) {
      report(
        `${path}.route`,
        `route has {${segment.field}}, input has no field ${segment.field}`,
        'add the field to input',
      )
      continue
    }
    const text = textOf(schema)
    const { absent, nullable } = unwrap(schema)
    if (!text || text.list)
      report(at, 'a field of the path must be a string, number, boolean or enum', 'move it out of the path')
    if (absent || nullable)
      report(at, 'a field of the path is always there', 'remove .optional(), .nullable() and .default()')
  }
  for (const field of binding.query) checkQueryField(field.name, endpoint, path, report)
  if (endpoint.body) {
    if (binding.pattern.method === 'GET' || binding.pattern.method === 'DELETE')
      report(`${path}.body`, `${binding.pattern.method} has no request body`, 'use PUT or POST')
    if ('body' in shape)
      report(`${path}.input.body`, `the name 'body' is taken by body: bytes()`, 'rename the field')
  }
}

function checkQueryField(name: string, endpoint: Endpoint, path: string, report: Report): void {
  const at = `${path}.input.${name}`
  const schema = endpoint.input._zod.def.shape[name]!
  const text = textOf(schema)
  const why = endpoint.body ? 'the body is bytes' : `the route is a ${endpoint.route.split(' ', 1)[0]}`
  if (!text) {
    const kind = defOf(unwrap(schema).schema).type
    return report(
      at,
      `travels in the query, because ${why}, and a query cannot hold ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} like this`,
      'use strings, numbers, booleans, enums or lists of them, or a POST with a JSON body',
    )
  }
  const { optional, nullable, fallback } = unwrap(schema)
  if (nullable) report(at, `travels in the query, because ${why}, and a query has no null`, 'use .optional()')
  const emptyDefault = fallback && Array.isArray(fallback.value) && fallback.value.length === 0
  if (text.list && (optional || (fallback && !emptyDefault)))
    report(at, 'a query cannot tell an absent list from an empty one', 'use .default([]) or no wrapper')
}
