import * as z from 'zod'
import { defOf, innerOfLazy, type SchemaDef, type Unwrapped, unwrap } from '../schema-def.ts'
import type { Report } from './problem.ts'

/**
 * Reports what a protobuf message cannot carry, or cannot carry without loss. Applies where gRPC is served, to schemas
 * that {@link checkRepresentable} found nothing wrong with.
 *
 * The rules follow the language guide (https://protobuf.dev/programming-guides/proto3/): a message is an object, lists
 * and maps have no presence and do not nest, a `oneof` has message-typed variants.
 */
export function checkMessage(schema: z.core.$ZodType, path: string, report: Report): void {
  const { schema: message, nullable } = resolve(schema)
  if (nullable) refuse(report, path, 'a gRPC message cannot be null', 'wrap it: z.object({ value: ... })')
  const def = defOf(message)
  if (def.type !== 'object' && !isDiscriminated(def))
    return refuse(report, path, 'a gRPC message must be an object', 'wrap it: z.object({ value: ... })')
  walkMessage(message, path, report, new Set())
}

function walkMessage(
  schema: z.core.$ZodType,
  path: string,
  report: Report,
  seen: Set<z.core.$ZodType>,
): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const def = defOf(schema)
  if (def.type === 'object') {
    const names = new Map<string, string>()
    for (const [name, field] of Object.entries(def.shape)) {
      const at = `${path}.${name}`
      checkFieldName(name, names, at, report)
      walkField(field, at, report, seen)
    }
  } else if (isDiscriminated(def)) walkVariants(def, path, report, seen)
}

function checkFieldName(name: string, names: Map<string, string>, path: string, report: Report): void {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name))
    refuse(report, path, `'${name}' is not a protobuf field name`, 'use letters, digits and underscores')
  const snake = snakeCase(name)
  const other = names.get(snake)
  if (other !== undefined)
    refuse(report, path, `'${name}' and '${other}' are the same field in protobuf`, 'rename one of them')
  names.set(snake, name)
}

/** Variants of a union are the fields of a `oneof`, and the discriminator's value says which one is set. */
function walkVariants(
  { options, discriminator }: z.core.$ZodDiscriminatedUnionDef,
  path: string,
  report: Report,
  seen: Set<z.core.$ZodType>,
): void {
  for (const [index, option] of options.entries()) {
    const at = `${path}|${index}`
    const { schema } = resolve(option)
    const def = defOf(schema)
    const [value, ...more] = schema._zod.propValues?.[discriminator] ?? []
    // A union inside a union by the same field is one union with more variants.
    const isFlat = isDiscriminated(def) && def.discriminator === discriminator
    if (!isFlat && (typeof value !== 'string' || more.length > 0))
      refuse(
        report,
        at,
        `'${discriminator}' names the variant in protobuf`,
        `give each variant one string: ${discriminator}: z.literal('...')`,
      )
    walkMessage(schema, at, report, seen)
  }
}

function walkField(field: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const { schema, optional, nullable, fallback } = resolve(field)
  const def = defOf(schema)
  if (def.type !== 'array' && def.type !== 'record') {
    if (nullable && (optional || fallback))
      refuse(report, path, 'protobuf cannot tell null from absent', 'use either .optional() or .nullable()')
    return walkSingle(schema, path, report, seen)
  }
  const list = def.type === 'array'
  const isEmpty = fallback !== undefined && Object.keys(fallback.value as object).length === 0
  if (optional || nullable || (fallback && !isEmpty))
    refuse(
      report,
      path,
      `protobuf cannot tell an absent ${list ? 'list' : 'map'} from an empty one`,
      `use .default(${list ? '[]' : '{}'}) or no wrapper`,
    )
  if (list) return walkItem(def.element, `${path}[]`, report, seen)
  checkKey(def.keyType, path, report)
  walkItem(def.valueType, `${path}.<value>`, report, seen)
}

function walkItem(item: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const { schema, nullable } = resolve(item)
  const def = defOf(schema)
  if (nullable)
    refuse(
      report,
      path,
      'protobuf has no null inside a list or map',
      'leave such items out, or wrap them in an object',
    )
  if (def.type === 'array' || def.type === 'record')
    return refuse(
      report,
      path,
      'protobuf has no lists or maps inside a list or map',
      'wrap the inner one: z.object({ items: z.array(...) })',
    )
  walkSingle(schema, path, report, seen)
}

function walkSingle(schema: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const def = defOf(schema)
  switch (def.type) {
    case 'object':
      return walkMessage(schema, path, report, seen)
    case 'union':
      if (isDiscriminated(def)) return walkMessage(schema, path, report, seen)
      return refuse(report, path, 'protobuf has no plain unions', unionRemedy(def.options))
    case 'tuple':
      return refuse(report, path, 'protobuf has no tuples', 'use z.object({ ... }) with named fields')
    case 'null':
      return refuse(report, path, 'protobuf has no null', 'use .nullable() on a value')
    case 'enum':
      if (z.core.util.getEnumValues(def.entries).some((value) => typeof value !== 'string'))
        refuse(report, path, 'an enum of numbers has no names in protobuf', 'use strings: z.enum([...])')
      return
    case 'literal': {
      const kinds = new Set(def.values.map((value) => typeof value))
      if (kinds.size > 1 || kinds.has('object'))
        refuse(report, path, 'literals of different types have no protobuf type', 'use literals of one type')
      return
    }
  }
}

function unionRemedy(options: readonly z.core.$ZodType[]): string {
  const kinds = options.map((option) => defOf(option).type)
  if (kinds.every((kind) => kind === 'literal' || kind === 'enum')) return 'use z.enum([...])'
  if (kinds.includes('null')) return 'use .nullable()'
  return `use z.discriminatedUnion('type', [...])`
}

function checkKey(key: z.core.$ZodType, path: string, report: Report): void {
  const { type } = defOf(resolve(key).schema)
  if (type !== 'string' && type !== 'enum' && type !== 'literal' && type !== 'template_literal')
    refuse(report, path, 'protobuf maps here have string keys', 'use z.record(z.string(), value)')
}

/** Like {@link unwrap}, through `z.lazy()` too. */
function resolve(schema: z.core.$ZodType): Unwrapped {
  const outer = unwrap(schema)
  if (defOf(outer.schema).type !== 'lazy') return outer
  const inner = resolve(innerOfLazy(outer.schema))
  return {
    schema: inner.schema,
    absent: outer.absent || inner.absent,
    optional: outer.optional || inner.optional,
    nullable: outer.nullable || inner.nullable,
    fallback: outer.fallback ?? inner.fallback,
  }
}

function isDiscriminated(def: SchemaDef): def is z.core.$ZodDiscriminatedUnionDef & SchemaDef {
  return def.type === 'union' && 'discriminator' in def
}

function refuse(report: Report, path: string, message: string, remedy: string): void {
  report(path, message, `${remedy}, or set grpc: false on the endpoint`)
}

/** `maxUploadMiB` -> `max_upload_mi_b`: the name of a field in a .proto. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, index) => `${index === 0 ? '' : '_'}${letter.toLowerCase()}`)
}
