import { stableText } from '../../document-text.ts'
import { equal } from '../../equal.ts'
import { idOfRef, type JsonSchema } from '../../json-schema.ts'
import { own } from '../../records.ts'
import { effort } from '../effort.ts'
import { isOfType, type Schemas } from './alternatives.ts'
import { stringFormat } from './formats.ts'
import { matches } from './matches.ts'

/**
 * Why a JSON value is not valid under a schema of an interface document; undefined where it is. Covers the keywords that
 * documents hold; formats are asserted where they are known. What JSON Schema calls "ignored" is ignored.
 */
export function refusal(
  value: unknown,
  schema: JsonSchema | boolean,
  schemas: Schemas,
  path = '',
): string | undefined {
  if (schema === true) return undefined
  if (schema === false) return `${at(path)} must not be there`
  if (schema.$ref !== undefined) {
    const why = refusedByShared(value, schema.$ref, schemas, path)
    if (why !== undefined) return why
  }
  if (schema.type !== undefined && !hasType(value, schema.type))
    return `${at(path)} must be ${[schema.type].flat().join(' or ')}`
  if ('const' in schema && !equal(value, schema.const))
    return `${at(path)} must be ${JSON.stringify(schema.const)}`
  if (schema.enum && !isAmong(value, schema.enum))
    return `${at(path)} must be one of ${schema.enum
      .slice(0, 8)
      .map((each) => JSON.stringify(each))
      .join(', ')}`
  return refusedByLimits(value, schema, schemas, path) ?? refusedByParts(value, schema, schemas, path)
}

const sets = new WeakMap<readonly unknown[], ReadonlySet<unknown>>()

/** Long lists are asked for value after value. */
function isAmong(value: unknown, values: readonly unknown[]): boolean {
  if (values.length < 20 || typeof value === 'object') return values.some((each) => equal(value, each))
  let set = sets.get(values)
  if (!set) {
    set = new Set(values)
    sets.set(values, set)
  }
  return set.has(value)
}

function hasType(value: unknown, type: string | readonly string[]): boolean {
  return typeof type === 'string' ? isOfType(value, type) : type.some((each) => isOfType(value, each))
}

/** By the keywords for values of its type. */
function refusedByLimits(
  value: unknown,
  schema: JsonSchema,
  schemas: Schemas,
  path: string,
): string | undefined {
  if (typeof value === 'string') return refusedText(value, schema, path)
  if (typeof value === 'number') return refusedNumber(value, schema, path)
  if (typeof value !== 'object' || value === null) return undefined
  return Array.isArray(value)
    ? refusedArray(value, schema, schemas, path)
    : refusedObject(value, schema, schemas, path)
}

/** Shared schemas that took a value: examples are made of the same parts over and over. */
const taken = new WeakMap<object, WeakMap<Schemas, Set<string>>>()

/** References that are being followed, each with the value that it is asked for. */
const following: (readonly [ref: string, value: unknown])[] = []

function refusedByShared(value: unknown, ref: string, schemas: Schemas, path: string): string | undefined {
  // A schema that is one of its own alternatives takes what the others take.
  if (following.some(([open, asked]) => open === ref && asked === value))
    return `${at(path)} must be more than itself`
  following.push([ref, value])
  try {
    return refusedByTarget(value, ref, schemas, path)
  } finally {
    following.pop()
  }
}

function refusedByTarget(value: unknown, ref: string, schemas: Schemas, path: string): string | undefined {
  const target = own(schemas, idOfRef(ref) ?? '')
  if (!target) return undefined
  if (typeof value !== 'object' || value === null) return refusal(value, target, schemas, path)
  const known = taken.get(value)?.get(schemas)
  if (known?.has(ref)) return undefined
  const why = refusal(value, target, schemas, path)
  if (why !== undefined) return why
  if (known) known.add(ref)
  else {
    const byDocument = taken.get(value) ?? new WeakMap<Schemas, Set<string>>()
    taken.set(value, byDocument.set(schemas, new Set([ref])))
  }
  return undefined
}

function refusedText(text: string, schema: JsonSchema, path: string): string | undefined {
  const { minLength, maxLength, pattern, format } = schema as Limits
  if (minLength !== undefined || maxLength !== undefined) {
    const { length } = [...text]
    if (length < (minLength ?? 0)) return `${at(path)} must have at least ${minLength} characters`
    if (length > (maxLength ?? length)) return `${at(path)} must have at most ${maxLength} characters`
  }
  if (pattern !== undefined && !matches(regex(pattern), text)) return `${at(path)} must match ${pattern}`
  const known = format === undefined ? undefined : stringFormat(format)
  return known && !known.valid(text) ? `${at(path)} must be a ${format}` : undefined
}

function refusedNumber(value: number, schema: JsonSchema, path: string): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Limits
  if (minimum !== undefined && value < minimum) return `${at(path)} must be at least ${minimum}`
  if (maximum !== undefined && value > maximum) return `${at(path)} must be at most ${maximum}`
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return `${at(path)} must be above ${exclusiveMinimum}`
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return `${at(path)} must be below ${exclusiveMaximum}`
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    return `${at(path)} must be a multiple of ${multipleOf}`
  return undefined
}

function refusedArray(
  value: readonly unknown[],
  schema: JsonSchema,
  schemas: Schemas,
  path: string,
): string | undefined {
  const { minItems, maxItems, uniqueItems } = schema as Limits
  if (minItems !== undefined && value.length < minItems)
    return `${at(path)} must have at least ${minItems} items`
  if (maxItems !== undefined && value.length > maxItems)
    return `${at(path)} must have at most ${maxItems} items`
  if (uniqueItems && new Set(value.map(stableText)).size < value.length)
    return `${at(path)} must have no item twice`
  effort(value.length)
  for (const [index, item] of value.entries()) {
    const why = refusal(
      item,
      schema.prefixItems?.[index] ?? schema.items ?? true,
      schemas,
      `${path}[${index}]`,
    )
    if (why !== undefined) return why
  }
  return undefined
}

function refusedObject(
  value: object,
  schema: JsonSchema,
  schemas: Schemas,
  path: string,
): string | undefined {
  const { minProperties, maxProperties } = schema as Limits
  const entries = Object.entries(value)
  effort(entries.length)
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name)) return `${at(path)} must have '${name}'`
  if (minProperties !== undefined && entries.length < minProperties)
    return `${at(path)} must have at least ${minProperties} fields`
  if (maxProperties !== undefined && entries.length > maxProperties)
    return `${at(path)} must have at most ${maxProperties} fields`
  for (const [name, field] of entries) {
    const declared = own(schema.properties, name)
    const below = `${path}.${name}`
    const why =
      (schema.propertyNames && refusal(name, schema.propertyNames, schemas, `the name ${below}`)) ??
      refusal(field, declared ?? schema.additionalProperties ?? true, schemas, below)
    if (why !== undefined) return why
  }
  return undefined
}

function refusedByParts(
  value: unknown,
  schema: JsonSchema,
  schemas: Schemas,
  path: string,
): string | undefined {
  if (schema.allOf)
    for (const part of schema.allOf) {
      const why = refusal(value, part, schemas, path)
      if (why !== undefined) return why
    }
  if (schema.not && refusal(value, schema.not, schemas, path) === undefined)
    return `${at(path)} must not be like that`
  if (schema.anyOf && !schema.anyOf.some((option) => refusal(value, option, schemas, path) === undefined))
    return `${at(path)} must be one of ${schema.anyOf.length} things, and is none`
  if (schema.oneOf) {
    const matching = schema.oneOf.filter(
      (option) => refusal(value, option, schemas, path) === undefined,
    ).length
    if (matching !== 1)
      return matching === 0
        ? `${at(path)} must be one of ${schema.oneOf.length} variants, and is none`
        : `${at(path)} must be just one of ${schema.oneOf.length} variants, and is ${matching}`
  }
  return undefined
}

/** The limits that JSON Schema knows, with their types. */
export interface Limits {
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
}

const compiled = new Map<string, RegExp>()

/** A pattern as JSON Schema means it; one that does not compile matches everything, as nothing can be executed. */
export function regex(pattern: string): RegExp {
  let made = compiled.get(pattern)
  if (!made) {
    try {
      made = new RegExp(pattern, 'u')
    } catch {
      made = /(?:)/
    }
    compiled.set(pattern, made)
  }
  return made
}

function at(path: string): string {
  return path === '' ? 'it' : path.replace(/^\./, '')
}
