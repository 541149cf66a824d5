import type { JsonSchema } from '../json-schema.ts'

/** Where OpenAPI keeps shared schemas. */
export const components = '#/components/schemas/'

/** The components that something references, directly or through other components. */
export function reachable(
  from: object,
  schemas: Readonly<Record<string, JsonSchema>>,
): Record<string, JsonSchema> {
  const found = new Set(namesIn(from))
  // The set grows while it is walked.
  for (const name of found) for (const next of namesIn(schemas[name] ?? {})) found.add(next)
  return Object.fromEntries(
    [...found].sort().flatMap((name) => (schemas[name] ? [[name, schemas[name]]] : [])),
  )
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' && typeof part === 'string' && part.startsWith(components)
      ? [part.slice(components.length)]
      : namesIn(part),
  )
}
