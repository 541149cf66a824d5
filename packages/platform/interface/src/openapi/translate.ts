import { idOfRef, type JsonSchema, mapChildren, resolveRef } from '../json-schema.ts'
import { own } from '../records.ts'
import type { Content, Operation } from './document.ts'
import { components } from './reachable.ts'

/** How schemas of one document are written in an OpenAPI document. */
export interface Translation {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** The component that a shared schema became. */
  readonly nameOf: (id: string) => string
}

/** A schema with its references, and its discriminators, as OpenAPI wants them. */
export function translateSchema(schema: JsonSchema, to: Translation): JsonSchema {
  const { discriminator, ...copy } = mapChildren(schema, (child) => translateSchema(child, to))
  const id = copy.$ref === undefined ? undefined : idOfRef(copy.$ref)
  if (id !== undefined) copy.$ref = `${components}${to.nameOf(id)}`
  const mapping = discriminator && mappingOf(discriminator.propertyName, schema, to)
  return mapping ? { ...copy, discriminator: { ...discriminator, mapping } } : copy
}

/** OpenAPI takes a discriminator only where every variant is a component, and wants to know which value is which. */
function mappingOf(
  property: string,
  { oneOf = [] }: JsonSchema,
  { schemas, nameOf }: Translation,
): Record<string, string> | undefined {
  const mapping: Record<string, string> = {}
  for (const variant of oneOf) {
    const { schema, id } = resolveRef(variant, schemas)
    const field = own(schema.properties, property)
    if (id === undefined || !field) return undefined
    const { schema: values } = resolveRef(field, schemas)
    const known = 'const' in values ? [values.const] : (values.enum ?? [])
    for (const value of known) mapping[String(value)] = `${components}${nameOf(id)}`
  }
  return mapping
}

/** An operation with all of its schemas translated. */
export function translateOperation(operation: Operation, to: Translation): Operation {
  const content = (content: Content): Content =>
    mapValues(content, ({ schema }) => (schema ? { schema: translateSchema(schema, to) } : {}))
  const translated = { ...operation }
  if (operation.parameters)
    translated.parameters = operation.parameters.map((parameter) => ({
      ...parameter,
      schema: translateSchema(parameter.schema, to),
    }))
  if (operation.requestBody)
    translated.requestBody = { ...operation.requestBody, content: content(operation.requestBody.content) }
  translated.responses = mapValues(operation.responses, (response) => ({
    ...response,
    ...(response.content ? { content: content(response.content) } : {}),
  }))
  return translated
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
