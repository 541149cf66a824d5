import * as z from 'zod'

/**
 * A JSON Schema (2020-12) as the interface document holds it: the keywords that contracts produce are typed, others are
 * kept as they are. A shared schema is referenced by `{ "$ref": "#/schemas/Id" }`.
 */
export interface JsonSchema {
  $ref?: string
  title?: string
  description?: string
  deprecated?: boolean
  default?: unknown
  type?: string | string[]
  format?: string
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  items?: JsonSchema | boolean
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  not?: JsonSchema
  /** Which property tells the variants of `oneOf` apart; `mapping` in OpenAPI only. */
  discriminator?: { propertyName: string; mapping?: Record<string, string> }
  /** Predicates that JSON Schema cannot say, by name and version; see `named` of the contract package. */
  'x-refinements'?: NamedRefinement[]
  /** On the input view of a shared schema whose input and output differ: the id of that schema. */
  'x-input-of'?: string
  [keyword: string]: unknown
}

/** A named refinement in a JSON Schema. */
export interface NamedRefinement {
  name: string
  version: number
}

/** The shape of a JSON Schema in an interface document. */
export const JsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() => jsonSchema)

const jsonSchema: z.ZodType<JsonSchema> = z.looseObject({
  $ref: z.string().exactOptional(),
  title: z.string().exactOptional(),
  description: z.string().exactOptional(),
  deprecated: z.boolean().exactOptional(),
  type: z.union([z.string(), z.array(z.string())]).exactOptional(),
  format: z.string().exactOptional(),
  enum: z.array(z.unknown()).exactOptional(),
  properties: z.record(z.string(), JsonSchemaSchema).exactOptional(),
  required: z.array(z.string()).exactOptional(),
  additionalProperties: z.union([JsonSchemaSchema, z.boolean()]).exactOptional(),
  propertyNames: JsonSchemaSchema.exactOptional(),
  items: z.union([JsonSchemaSchema, z.boolean()]).exactOptional(),
  prefixItems: z.array(JsonSchemaSchema).exactOptional(),
  anyOf: z.array(JsonSchemaSchema).exactOptional(),
  oneOf: z.array(JsonSchemaSchema).exactOptional(),
  allOf: z.array(JsonSchemaSchema).exactOptional(),
  not: JsonSchemaSchema.exactOptional(),
  discriminator: z.object({ propertyName: z.string() }).exactOptional(),
  'x-refinements': z.array(z.object({ name: z.string(), version: z.number() })).exactOptional(),
  'x-input-of': z.string().exactOptional(),
})

/**
 * A copy of a schema with every schema directly inside it replaced. Values (`default`, `const`, `enum`) are left alone:
 * data that looks like a schema is not one.
 */
export function mapChildren(schema: JsonSchema, change: (child: JsonSchema) => JsonSchema): JsonSchema {
  const copy: JsonSchema = { ...schema }
  const one = <T extends JsonSchema | boolean>(child: T): T | JsonSchema =>
    typeof child === 'boolean' ? child : change(child)
  if (copy.properties)
    copy.properties = Object.fromEntries(
      Object.entries(copy.properties).map(([name, child]) => [name, change(child)]),
    )
  if (copy.additionalProperties !== undefined) copy.additionalProperties = one(copy.additionalProperties)
  if (copy.items !== undefined) copy.items = one(copy.items)
  if (copy.propertyNames) copy.propertyNames = change(copy.propertyNames)
  if (copy.not) copy.not = change(copy.not)
  if (copy.prefixItems) copy.prefixItems = copy.prefixItems.map(change)
  if (copy.anyOf) copy.anyOf = copy.anyOf.map(change)
  if (copy.oneOf) copy.oneOf = copy.oneOf.map(change)
  if (copy.allOf) copy.allOf = copy.allOf.map(change)
  return copy
}

/** A copy of a schema in which every `$ref`, at any depth, has been replaced. */
export function mapRefs(schema: JsonSchema, change: (ref: string) => string): JsonSchema {
  const copy = mapChildren(schema, (child) => mapRefs(child, change))
  if (copy.$ref !== undefined) copy.$ref = change(copy.$ref)
  return copy
}

/** Every `$ref` in a schema, at any depth. */
export function refsIn(schema: JsonSchema, refs = new Set<string>()): Set<string> {
  if (schema.$ref !== undefined) refs.add(schema.$ref)
  for (const child of childrenOf(schema)) refsIn(child, refs)
  return refs
}

/** The schemas directly inside a schema: those that {@link mapChildren} replaces. */
function childrenOf(schema: JsonSchema): JsonSchema[] {
  const { properties, additionalProperties, items, propertyNames, not } = schema
  return [
    ...(properties ? Object.values(properties) : []),
    ...[additionalProperties, items, propertyNames, not].filter((child) => typeof child === 'object'),
    ...(schema.prefixItems ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ]
}

const prefix = '#/schemas/'

/** The `$ref` of a shared schema. */
export function refTo(id: string): string {
  return `${prefix}${id}`
}

/** The id that a `$ref` names, or undefined where it names something else. */
export function idOfRef(ref: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined
}

/**
 * A schema with its references at the top followed, keywords beside a `$ref` added. Returns the id of the last shared
 * schema on the way.
 */
export function resolveRef(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): { schema: JsonSchema; id: string | undefined } {
  let resolved = schema
  let id: string | undefined
  for (const seen = new Set<string>(); resolved.$ref !== undefined && !seen.has(resolved.$ref); ) {
    seen.add(resolved.$ref)
    const { $ref, ...beside } = resolved
    id = idOfRef($ref)
    if (id === undefined || !Object.hasOwn(schemas, id)) break
    resolved = { ...schemas[id], ...beside }
  }
  return { schema: resolved, id }
}
