import { editorSchema, type JsonSchema } from './editor-schema.ts'
import type { ManifestKind } from './kinds.ts'

/** One field of a kind of file, for a reference table. */
export interface FieldDescription {
  /** `limits.replicas.min`; `<name>` stands for a name that the author chooses, `[]` for the items of a list. */
  readonly path: string
  /** `string`, `"a" | "b"`, `string[]`, `object`. */
  readonly type: string
  readonly required: boolean
  /** The default as JSON, where there is one value to show. */
  readonly default?: string
  readonly description: string
  readonly examples: readonly string[]
}

/** The fields of a kind of file, parents before children, in the order of the schema: all that a reference needs. */
export function describeFields(kind: ManifestKind): FieldDescription[] {
  return [...fieldsOf(editorSchema(kind), '')].filter(({ path }) => path !== '$schema')
}

function* fieldsOf(schema: JsonSchema, prefix: string): Generator<FieldDescription> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`
    yield describe(field, path, schema.required?.includes(name) ?? false)
    yield* fieldsOf(field, `${path}.`)
    if (field.items) yield* fieldsOf(field.items, `${path}[].`)
  }
  const { additionalProperties: named } = schema
  if (typeof named !== 'object') return
  const path = `${prefix}<name>`
  if (named.description !== undefined) yield describe(named, path, false)
  yield* fieldsOf(named, `${path}.`)
}

function describe(field: JsonSchema, path: string, required: boolean): FieldDescription {
  const { description = '', examples = [] } = field
  const shown = field.default === undefined ? undefined : JSON.stringify(field.default)
  return {
    path,
    type: typeOf(field),
    required,
    // The default of an object with fields is in its fields.
    ...(shown !== undefined && !(shown === '{}' && field.properties) && { default: shown }),
    description,
    examples: examples.map((example) => JSON.stringify(example)),
  }
}

function typeOf(schema: JsonSchema): string {
  const { type, items, anyOf, enum: values, const: constant, additionalProperties: named } = schema
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ')
  if (items) {
    const item = typeOf(items)
    return item.includes(' ') ? `(${item})[]` : `${item}[]`
  }
  if (typeof named === 'object') return `object of ${typeOf(named)}`
  return typeof type === 'string' ? type : (type?.join(' | ') ?? 'any')
}
