import * as z from 'zod'
import { type ManifestKind, manifestKinds } from './kinds.ts'

/** A JSON Schema (draft 7) as far as this package reads it. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly [keyword: string]: unknown
}

const made = new Map<ManifestKind, JsonSchema>()

/**
 * The JSON Schema of a kind of file as editors need it: of what is *written*, with `$schema` allowed. Draft 7, because
 * every editor knows it.
 */
export function editorSchema(kind: ManifestKind): JsonSchema {
  const known = made.get(kind)
  if (known) return known
  const { schema, title } = manifestKinds[kind]
  const { $schema, properties, propertyNames, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // Nobody means the safe integers of JavaScript; in an editor they are noise.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  }) as JsonSchema
  const own = { type: 'string', description: 'The JSON Schema of this file, for editors.' }
  const written: JsonSchema = {
    $schema,
    title,
    ...rest,
    ...(propertyNames && { propertyNames: { anyOf: [{ const: '$schema' }, propertyNames] } }),
    properties: { $schema: own, ...properties },
  }
  made.set(kind, written)
  return written
}

/** The part of a schema that is about one field, or undefined where nothing is known about it. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  const [step, ...rest] = path
  if (step === undefined) return schema
  const { properties, additionalProperties: named, items } = schema
  const next =
    typeof step === 'number'
      ? items
      : properties && Object.hasOwn(properties, step)
        ? properties[String(step)]
        : typeof named === 'object'
          ? named
          : undefined
  return next && schemaAt(next, rest)
}
