import { equal } from '../../equal.ts'
import { idOfRef, type JsonSchema } from '../../json-schema.ts'
import { own } from '../../records.ts'
import { effort } from '../effort.ts'

/** The shared schemas that references of a document name. */
export type Schemas = Readonly<Record<string, JsonSchema>>

/** The JSON types, with integers apart. */
export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

const allTypes: readonly JsonType[] = ['null', 'boolean', 'number', 'string', 'array', 'object']

/** One thing that a schema allows: some given values, or values of one type within the limits of a schema. */
export type Alternative =
  | { readonly kind: 'values'; readonly values: readonly unknown[]; readonly schema: JsonSchema }
  | { readonly kind: JsonType; readonly schema: JsonSchema }

/** Keywords that say nothing about which values are valid. */
export const annotations: ReadonlySet<string> = new Set([
  ...[
    'title',
    'description',
    'deprecated',
    'default',
    'examples',
    'example',
    'readOnly',
    'writeOnly',
    '$comment',
  ],
  ...['discriminator', 'x-input-of', 'x-known-values', 'x-open'],
])

/** What was worked out of the schemas of a document. Nobody changes them. */
const known = new WeakMap<Schemas, Known>()

interface Known {
  readonly flat: WeakMap<JsonSchema, JsonSchema>
  readonly alternatives: WeakMap<JsonSchema, readonly Alternative[]>
}

function knownOf(schemas: Schemas): Known {
  let found = known.get(schemas)
  if (!found) {
    found = { flat: new WeakMap(), alternatives: new WeakMap() }
    known.set(schemas, found)
  }
  return found
}

/** A schema without `$ref` and `allOf` at its top: everything that has to hold, in one. */
export function flat(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.$ref === undefined && schema.allOf === undefined) return schema
  const memory = knownOf(schemas).flat
  let made = memory.get(schema)
  if (!made) {
    made = flatten(schema, schemas, new Set())
    memory.set(schema, made)
  }
  return made
}

/** What a schema allows, as alternatives of one type each. A schema without `type` allows all of them. */
export function alternativesOf(schema: JsonSchema, schemas: Schemas): readonly Alternative[] {
  const here = flat(schema, schemas)
  if (!here.anyOf && !here.oneOf) return expand(here, schemas, new Set())
  const memory = knownOf(schemas).alternatives
  let made = memory.get(here)
  if (!made) {
    made = expand(here, schemas, new Set())
    memory.set(here, made)
  }
  return made
}

function flatten(schema: JsonSchema, schemas: Schemas, seen: Set<string>): JsonSchema {
  const { $ref, allOf, ...rest } = schema
  if ($ref === undefined && allOf === undefined) return schema
  effort()
  let merged: JsonSchema = rest
  if ($ref !== undefined) {
    const target = own(schemas, idOfRef($ref) ?? '')
    if (target && !seen.has($ref)) merged = both(flatten(target, schemas, new Set([...seen, $ref])), merged)
  }
  for (const part of allOf ?? []) merged = both(merged, flatten(part, schemas, seen))
  return merged
}

/** Keywords that are merged by taking the stricter one. */
const stricter: Readonly<Record<string, (a: number, b: number) => number>> = {
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
}

/** A schema that says what two say together. What cannot be merged by keyword is kept as a further `allOf`. */
function both(a: JsonSchema, b: JsonSchema): JsonSchema {
  const merged: JsonSchema = { ...a }
  const further: JsonSchema[] = [...(a.allOf ?? [])]
  for (const [keyword, value] of Object.entries(b)) {
    const had = merged[keyword]
    if (value === undefined) continue
    if (keyword === 'allOf') further.push(...(value as JsonSchema[]))
    else if (had === undefined || annotations.has(keyword) || equal(had, value)) merged[keyword] = value
    else if (keyword === 'required')
      merged.required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])]
    else if (keyword === 'x-refinements')
      merged['x-refinements'] = [...(a['x-refinements'] ?? []), ...(b['x-refinements'] ?? [])]
    else if (keyword in stricter) merged[keyword] = stricter[keyword]!(had as number, value as number)
    else if (keyword === 'type') {
      const types = commonTypes(had as string | string[], value as string | string[])
      merged.type = types.length === 1 ? types[0]! : types
    } else if (keyword === 'properties') {
      const properties: Record<string, JsonSchema> = { ...a.properties }
      for (const [name, schema] of Object.entries(b.properties ?? {}))
        properties[name] = Object.hasOwn(properties, name) ? { allOf: [properties[name]!, schema] } : schema
      merged.properties = properties
    } else further.push({ [keyword]: value })
  }
  if (further.length > 0) merged.allOf = further
  return merged
}

function commonTypes(a: string | string[], b: string | string[]): string[] {
  const [left, right] = [[a].flat(), [b].flat()]
  const common = left.filter((type) => right.includes(type))
  const integer =
    (left.includes('integer') && right.includes('number')) ||
    (left.includes('number') && right.includes('integer'))
  return integer && !common.includes('integer') && !common.includes('number')
    ? [...common, 'integer']
    : common
}

function expand(schema: JsonSchema, schemas: Schemas, seen: ReadonlySet<string>): Alternative[] {
  const options = schema.anyOf ?? schema.oneOf
  if (options) {
    effort(options.length)
    const { anyOf, oneOf, ...outer } = schema
    // With both, one is left for `further` to compare as it stands.
    const base: JsonSchema = anyOf && oneOf ? { ...outer, allOf: [...(outer.allOf ?? []), { oneOf }] } : outer
    return options.flatMap((option) => {
      const text = option.$ref
      if (text !== undefined && seen.has(text)) return []
      const below = text === undefined ? seen : new Set([...seen, text])
      return expand(both(base, flat(option, schemas)), schemas, below)
    })
  }
  if ('const' in schema || schema.enum) {
    const listed = 'const' in schema ? [schema.const] : schema.enum!
    const types = schema.type === undefined ? undefined : [schema.type].flat()
    const values = listed.filter(
      (value) => types === undefined || types.some((type) => isOfType(value, type)),
    )
    return values.length === 0 ? [] : [{ kind: 'values', values, schema }]
  }
  const types = schema.type === undefined ? allTypes : ([schema.type].flat() as JsonType[])
  return types.map((kind) => ({ kind, schema }))
}

/** Whether a JSON value is of a type. */
export function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}
