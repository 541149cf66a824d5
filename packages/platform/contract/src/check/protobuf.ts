import type * as z from 'zod'
import { defOf, unwrap } from '../schema-def.ts'
import type { Report } from './problem.ts'

/**
 * Reports what a protobuf message cannot carry, or cannot carry without loss. Applies where gRPC is served.
 *
 * The rules follow the language guide (https://protobuf.dev/programming-guides/proto3/): a message is an object, lists
 * and maps have no presence and do not nest, a `oneof` has message-typed variants.
 */
export function checkMessage(schema: z.core.$ZodType, path: string, report: Report): void {
  const { schema: inner } = unwrap(schema)
  const def = resolve(inner)
  if (def.type !== 'object' && !isDiscriminated(def))
    return refuse(
      report,
      path,
      'a gRPC message must be an object',
      'wrap the value: z.object({ value: ... })',
    )
  walkMessage(inner, path, report, new Set())
}

function walkMessage(
  schema: z.core.$ZodType,
  path: string,
  report: Report,
  seen: Set<z.core.$ZodType>,
): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const def = resolve(schema)
  if (def.type === 'object') {
    const names = new Map<string, string>()
    for (const [name, field] of Object.entries(def.shape)) {
      const at = `${path}.${name}`
      if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name))
        refuse(report, at, `'${name}' is not a protobuf field name`, 'use letters, digits and underscores')
      const snake = snakeCase(name)
      const other = names.get(snake)
      if (other !== undefined)
        refuse(report, at, `'${name}' and '${other}' are the same field in protobuf`, 'rename one of them')
      names.set(snake, name)
      walkField(field, at, report, seen)
    }
  } else if (isDiscriminated(def)) {
    for (const [index, option] of def.options.entries()) walkMessage(option, `${path}|${index}`, report, seen)
  }
}

function walkField(field: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const { schema, optional, nullable, fallback } = unwrap(field)
  const def = resolve(schema)
  if (nullable && (optional || fallback))
    refuse(report, path, 'protobuf cannot tell null from absent', 'use either .optional() or .nullable()')
  if (def.type === 'array' || def.type === 'record') {
    const what = def.type === 'array' ? 'list' : 'map'
    const isEmpty = fallback !== undefined && Object.keys(fallback.value as object).length === 0
    if (optional || nullable || (fallback && !isEmpty))
      refuse(
        report,
        path,
        `protobuf cannot tell an absent ${what} from an empty one`,
        `use .default(${def.type === 'array' ? '[]' : '{}'}) or no wrapper`,
      )
    if (def.type === 'record') checkKey(def.keyType, path, report)
    return walkItem(
      def.type === 'array' ? def.element : def.valueType,
      `${path}${def.type === 'array' ? '[]' : '.<value>'}`,
      report,
      seen,
    )
  }
  walkSingle(schema, path, report, seen)
}

function walkItem(item: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const { schema, optional, nullable } = unwrap(item)
  const def = resolve(schema)
  if (optional || nullable)
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
      'protobuf has no lists of lists',
      'wrap the inner one: z.object({ items: z.array(...) })',
    )
  walkSingle(schema, path, report, seen)
}

function walkSingle(schema: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  const def = resolve(schema)
  switch (def.type) {
    case 'object':
      return walkMessage(schema, path, report, seen)
    case 'union':
      if (isDiscriminated(def)) return walkMessage(schema, path, report, seen)
      return refuse(report, path, 'protobuf has no plain unions', `use z.discriminatedUnion('type', [...])`)
    case 'tuple':
      return refuse(report, path, 'protobuf has no tuples', 'use z.object({ ... }) with named fields')
    case 'null':
      return refuse(report, path, 'protobuf has no null', 'use .nullable() on a value')
    case 'enum':
      if (Object.values(def.entries).some((value) => typeof value !== 'string'))
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

function checkKey(key: z.core.$ZodType, path: string, report: Report): void {
  const { type } = resolve(unwrap(key).schema)
  if (type !== 'string' && type !== 'enum' && type !== 'literal')
    refuse(report, path, 'protobuf maps here have string keys', 'use z.record(z.string(), value)')
}

function resolve(schema: z.core.$ZodType): ReturnType<typeof defOf> {
  let def = defOf(schema)
  while (def.type === 'lazy') def = defOf(unwrap(def.getter()).schema)
  return def
}

function isDiscriminated(
  def: ReturnType<typeof defOf>,
): def is z.core.$ZodDiscriminatedUnionDef<readonly z.core.$ZodType[]> & ReturnType<typeof defOf> {
  return def.type === 'union' && 'discriminator' in def
}

function refuse(report: Report, path: string, message: string, remedy: string): void {
  report(path, message, `${remedy}, or set grpc: false on the endpoint`)
}

/** `maxUploadMiB` -> `max_upload_mi_b`: the name of a field in a .proto. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, index) => `${index === 0 ? '' : '_'}${letter.toLowerCase()}`)
}
