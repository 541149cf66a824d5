import type { InterfaceDocument, JsonSchema } from '@atlas/interface'
import { nearest } from '@atlas/manifest'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { CommandError, exitCode } from '../../exit-code.ts'
import { suggestion } from '../../suggest.ts'
import type { FoundEndpoint } from './find-endpoint.ts'

/**
 * Checks an input against the interface document before it is sent.
 *
 * @returns warnings, such as of fields that the endpoint does not have and ignores
 * @throws CommandError with every problem, each at its field
 */
export function checkInput({ servlet, name, endpoint, document }: FoundEndpoint, input: unknown): string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false, verbose: true })
  formats.default(ajv)
  // References are `#/schemas/Id`, from the root.
  const validate = ajv.compile({ ...endpoint.input, schemas: document.schemas ?? {} })
  const known = propertiesOf(endpoint.input, document)
  const unknown = isRecord(input) ? Object.keys(input).filter((field) => !Object.hasOwn(known, field)) : []
  if (!validate(input)) {
    const problems = withoutDoubles(validate.errors ?? []).map((error) => `    ${sentenceOf(error, unknown)}`)
    throw new CommandError(
      `the input does not fit ${servlet}.${name} (${endpoint.route}), so it was not sent:\n${[...new Set(problems)].join('\n')}\n${shapeOf(known, endpoint.input, document)}`,
      exitCode.usage,
    )
  }
  return unknown.map(
    (field) =>
      `${servlet}.${name} has no field '${field}' and ignores it${suggestion(field, Object.keys(known))}`,
  )
}

/** The fields of an object schema, references followed. */
export function propertiesOf(schema: JsonSchema, document: InterfaceDocument): Record<string, JsonSchema> {
  return resolved(schema, document).properties ?? {}
}

function resolved(schema: JsonSchema, { schemas = {} }: InterfaceDocument): JsonSchema {
  let current = schema
  for (let steps = 0; current.$ref !== undefined && steps < 20; steps++)
    current = schemas[current.$ref.replace('#/schemas/', '')] ?? {}
  return current
}

/** A text of a known format breaks the format's pattern too: one of the two says it. */
function withoutDoubles(errors: readonly ErrorObject[]): ErrorObject[] {
  const formatted = new Set(errors.filter((one) => one.keyword === 'format').map((one) => one.instancePath))
  return errors.filter((one) => one.keyword !== 'pattern' || !formatted.has(one.instancePath))
}

function sentenceOf(error: ErrorObject, unknown: readonly string[]): string {
  const where = error.instancePath.slice(1).replaceAll('/', '.')
  const { missingProperty, allowedValues, allowedValue } = error.params as {
    missingProperty?: string
    allowedValues?: unknown[]
    allowedValue?: unknown
  }
  if (missingProperty !== undefined) {
    const path = where === '' ? missingProperty : `${where}.${missingProperty}`
    const meant = where === '' ? mistaken(missingProperty, unknown) : ''
    return `${path}: is missing${meant}`
  }
  const values = allowedValues ?? (error.keyword === 'const' ? [allowedValue] : undefined)
  const message = values
    ? `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}${typeof error.data === 'string' ? suggestionFor(error.data, values.map(String)) : ''}`
    : (error.message ?? error.keyword)
  return where === '' ? `the input ${message}` : `${where}: ${message}, and is ${shown(error.data)}`
}

/** The field that was probably meant to be the one that is missing. */
function mistaken(missing: string, unknown: readonly string[]): string {
  const close = nearest(missing, unknown)
  return close === undefined ? '' : `, and '${close}' is no field of it`
}

/** The suggestion if one is close; nothing else. */
function suggestionFor(name: string, candidates: readonly string[]): string {
  const text = suggestion(name, candidates)
  return text.startsWith('; did you mean') ? text : ''
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** What the endpoint takes, in a line. */
function shapeOf(known: Record<string, JsonSchema>, input: JsonSchema, document: InterfaceDocument): string {
  const required = new Set(resolved(input, document).required)
  const fields = Object.entries(known).map(
    ([name, schema]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(schema, document)}`,
  )
  return fields.length === 0 ? 'it takes no fields: {}' : `it takes { ${fields.join(', ')} }`
}

function typeOf(schema: JsonSchema, document: InterfaceDocument): string {
  const { type, format, enum: values, const: constant, anyOf, oneOf, items } = resolved(schema, document)
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  const variants = anyOf ?? oneOf
  if (variants) return [...new Set(variants.map((variant) => typeOf(variant, document)))].join(' | ')
  if (type === 'array') return `${typeof items === 'object' ? typeOf(items, document) : 'any'}[]`
  if (Array.isArray(type)) return type.join(' | ')
  return format !== undefined ? `${type} (${format})` : (type ?? 'any')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
