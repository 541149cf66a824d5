import type { JsonSchema } from '../../json-schema.ts'
import { effort } from '../effort.ts'
import { type Alternative, alternativesOf, type Schemas } from './alternatives.ts'
import { formattedExamples, stringFormat } from './formats.ts'
import { patternSamples } from './pattern-sample.ts'
import { type Limits, refusal } from './validate.ts'

/** Deep enough for messages; a schema that contains itself without end has no value. */
const maxDepth = 24

/**
 * A small value that a side may produce under a schema: only declared fields, and of those only the required ones.
 * Undefined where none was found.
 */
export function minimal(schema: JsonSchema, schemas: Schemas, depth = 0): unknown {
  if (depth > maxDepth) return undefined
  effort()
  const { $ref } = schema
  // A value that was found is as good elsewhere; that none was found may be for the depth.
  const known = minimals.get(schemas) ?? new Map<string, unknown>()
  minimals.set(schemas, known)
  if ($ref !== undefined && Object.keys(schema).length === 1 && known.has($ref)) return known.get($ref)
  const value = firstMinimal(schema, schemas, depth)
  if ($ref !== undefined && Object.keys(schema).length === 1 && value !== undefined) known.set($ref, value)
  return value
}

/** Values of shared schemas. Nobody changes them, and each is tried before it is shown. */
const minimals = new WeakMap<Schemas, Map<string, unknown>>()

function firstMinimal(schema: JsonSchema, schemas: Schemas, depth: number): unknown {
  for (const alternative of alternativesOf(schema, schemas)) {
    const value = minimalOf(alternative, schemas, depth)
    if (value !== undefined) return value
  }
  return undefined
}

/** {@link minimal} of one alternative. */
export function minimalOf(alternative: Alternative, schemas: Schemas, depth = 0): unknown {
  switch (alternative.kind) {
    case 'values':
      return alternative.values[0]
    case 'object':
      return object(alternative.schema, schemas, depth, alternative.schema.required ?? [])
    case 'array':
      return array(alternative.schema, schemas, depth)
    default:
      return scalars(alternative)[0]
  }
}

/** An object with the named fields, and with as many others as it must have. Undefined where a field has no value. */
export function object(
  schema: JsonSchema,
  schemas: Schemas,
  depth: number,
  names: readonly string[],
): Record<string, unknown> | undefined {
  const made: Record<string, unknown> = {}
  const add = (name: string, field: JsonSchema): boolean => {
    const value = minimal(field, schemas, depth + 1)
    if (value === undefined) return false
    // Not assigned: __proto__ is a legal name.
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
    return true
  }
  const { properties = {}, additionalProperties, propertyNames } = schema
  const { minProperties = 0 } = schema as Limits
  for (const name of names) {
    const field = Object.hasOwn(properties, name) ? properties[name] : restOf(additionalProperties)
    if (!add(name, field ?? {})) return undefined
  }
  const others = Object.keys(properties).filter((name) => !names.includes(name))
  for (const name of others) if (Object.keys(made).length < minProperties) add(name, properties[name]!)
  const rest = restOf(additionalProperties)
  if (rest)
    for (const key of keysOf(propertyNames, schemas, minProperties))
      if (Object.keys(made).length < minProperties && !Object.hasOwn(made, key)) add(key, rest)
  return made
}

/** The schema of fields that are not declared, where they may be produced. */
export function restOf(additional: JsonSchema | boolean | undefined): JsonSchema | undefined {
  return additional === true ? {} : additional === false ? undefined : additional
}

/** Names that the undeclared fields of a record may have. */
export function keysOf(names: JsonSchema | undefined, schemas: Schemas, wanted: number): string[] {
  const plain = Array.from({ length: Math.max(wanted, 2) }, (_, index) => `key${index + 1}`)
  if (!names) return plain
  return alternativesOf(names, schemas)
    .flatMap((each) =>
      each.kind === 'values' ? each.values : each.kind === 'string' ? [...texts(each.schema), ...plain] : [],
    )
    .filter((key): key is string => typeof key === 'string' && refusal(key, names, schemas) === undefined)
}

function array(schema: JsonSchema, schemas: Schemas, depth: number): unknown[] | undefined {
  const { minItems = 0 } = schema as Limits
  return items(schema, schemas, depth, minItems)
}

/** An array of a length. Undefined where an item has no value, or not enough different ones. */
export function items(
  schema: JsonSchema,
  schemas: Schemas,
  depth: number,
  length: number,
): unknown[] | undefined {
  if (length > 2000) return undefined
  const made: unknown[] = []
  for (let index = 0; index < length; index++) {
    const item = itemAt(schema, index)
    if (item === undefined) return undefined
    const taken = (schema as Limits).uniqueItems ? made : []
    const value =
      taken.length === 0
        ? minimal(item, schemas, depth + 1)
        : several(item, schemas, depth + 1).find((each) => !taken.includes(each))
    if (value === undefined) return undefined
    made.push(value)
  }
  return made
}

/** The schema of the item at a place, undefined where none may be. */
export function itemAt({ prefixItems = [], items }: JsonSchema, index: number): JsonSchema | undefined {
  return prefixItems[index] ?? (items === false ? undefined : items === true ? {} : (items ?? {}))
}

/** Several values of a schema, different in kind where there are kinds. */
export function several(schema: JsonSchema, schemas: Schemas, depth = 0): unknown[] {
  if (depth > maxDepth) return []
  effort()
  return alternativesOf(schema, schemas).flatMap((alternative) => {
    if (alternative.kind === 'values') return [...alternative.values]
    if (alternative.kind === 'object') return objects(alternative.schema, schemas, depth)
    if (alternative.kind !== 'array') return scalars(alternative)
    const { minItems = 0, maxItems = minItems + 1 } = alternative.schema as Limits
    return [minItems, Math.min(maxItems, minItems + 1)].flatMap((length) => {
      const made = items(alternative.schema, schemas, depth, length)
      return made ? [made] : []
    })
  })
}

function objects(schema: JsonSchema, schemas: Schemas, depth: number): object[] {
  const names = Object.keys(schema.properties ?? {})
  const small = object(schema, schemas, depth, schema.required ?? [])
  const all = names.length > 60 ? undefined : object(schema, schemas, depth, names)
  return [small, all].filter((made) => made !== undefined)
}

/** Values of a type without parts: at the limits first. */
export function scalars({ kind, schema }: Alternative, hints: readonly number[] = []): unknown[] {
  switch (kind) {
    case 'null':
      return [null]
    case 'boolean':
      return [false, true]
    case 'string':
      return texts(schema, hints)
    case 'integer':
    case 'number':
      return numbers(schema, kind, hints)
    default:
      return []
  }
}

const plainTexts = [
  'text',
  '',
  'a',
  'A',
  '0',
  ' ',
  '-1',
  'other',
  'true',
  'é',
  'a b',
  'a/b',
  '😀',
  'Zz9_-.',
  '.',
  'null',
]

const remembered = new Map<string, string[]>()

/** Strings that a schema allows, of the hinted lengths among others. */
export function texts(schema: JsonSchema, hints: readonly number[] = []): string[] {
  const { minLength = 0, maxLength, pattern, format } = schema as Limits
  const patterns = [pattern, ...(schema.allOf ?? []).map((part) => part.pattern)].filter(
    (each): each is string => typeof each === 'string',
  )
  const key = JSON.stringify([minLength, maxLength, patterns, format, hints])
  const known = remembered.get(key)
  if (known) return known
  // Schemas of many documents go by in one process.
  if (remembered.size > 1000) remembered.clear()
  const made = madeTexts({ minLength, maxLength, format }, patterns, hints).filter(
    (text) =>
      refusal(text, { ...schema, type: 'string', allOf: patterns.map((each) => ({ pattern: each })) }, {}) ===
      undefined,
  )
  remembered.set(key, made)
  return made
}

function madeTexts(
  {
    minLength,
    maxLength,
    format,
  }: { minLength: number; maxLength: number | undefined; format: string | undefined },
  patterns: readonly string[],
  hints: readonly number[],
): string[] {
  const lengths = [...hints, minLength, minLength + 1, ...(maxLength === undefined ? [] : [maxLength])]
  const candidates = [
    ...(format === undefined ? [] : (stringFormat(format)?.examples ?? [])),
    ...patterns.flatMap((each) => patternSamples(each, 24)),
    ...plainTexts,
    ...lengths.filter((length) => length >= 0 && length <= 100_000).flatMap(textsOfLength),
    ...formattedExamples,
  ]
  return [...new Set(candidates)]
}

function textsOfLength(length: number): string[] {
  return ['a', 'A', '0'].map((char) => char.repeat(length))
}

const rememberedNumbers = new Map<string, number[]>()

function numbers(schema: JsonSchema, kind: 'integer' | 'number', hints: readonly number[]): number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Limits
  const limits = { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }
  const key = JSON.stringify([kind, limits, hints])
  const known = rememberedNumbers.get(key)
  if (known) return known
  if (rememberedNumbers.size > 1000) rememberedNumbers.clear()
  const made = madeNumbers(schema, kind, hints)
  rememberedNumbers.set(key, made)
  return made
}

function madeNumbers(schema: JsonSchema, kind: 'integer' | 'number', hints: readonly number[]): number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Limits
  const limits = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((each) => each !== undefined)
  const around = [...hints, ...limits].flatMap((each) => [each, each + 1, each - 1, each + 0.5, each - 0.5])
  const candidates = [0, 1, ...around, -1, 0.5, 2, 3, 7, 100, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e300, -1e300]
  const multiples =
    multipleOf === undefined
      ? []
      : candidates.flatMap((each) => [
          Math.ceil(each / multipleOf) * multipleOf,
          Math.floor(each / multipleOf) * multipleOf,
        ])
  return [...new Set([...multiples, ...candidates])]
    .filter((each) => Number.isFinite(each))
    .map((each) => (each === 0 ? 0 : each))
    .filter((each) => refusal(each, { ...schema, type: kind }, {}) === undefined)
}
