import * as fc from 'fast-check'
import * as z from 'zod'

/** A schema as data, so that tests can make it, change it and make values for it. */
export type Spec =
  | { kind: 'string'; min?: number; max?: number; refined?: number }
  | { kind: 'format'; format: 'date' | 'datetime' | 'uuid' | 'email' }
  | { kind: 'int' | 'int32' | 'uint32'; min?: number }
  | { kind: 'number' | 'float32' | 'boolean' }
  | { kind: 'enum'; values: string[] }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'list'; item: Spec }
  | { kind: 'map'; value: Spec }
  | { kind: 'object'; fields: Record<string, Field> }
  | { kind: 'union'; variants: Record<string, Record<string, Field>> }
  | { kind: 'anyOf'; options: Spec[] }
  | { kind: 'tuple'; items: Spec[] }

/** A field of an object: what it holds and when it may be absent. */
export interface Field {
  spec: Spec
  wrap: 'plain' | 'optional' | 'nullable' | 'default'
  /** The id of the schema, where it is shared. */
  id?: string
}

/** What a schema may be made of. */
export interface SpecOptions {
  /** Leave out what protobuf has no form for. */
  protobuf: boolean
  depth: number
  /** The names of fields; few of them make changes of a field likely. */
  names: string[]
  /** Ids to give to objects, each with the name of the field that gets it. */
  ids?: string[]
}

/** Any object as the options allow. */
export function objectSpec(options: SpecOptions): fc.Arbitrary<Record<string, Field>> {
  return fc.dictionary(fc.constantFrom(...options.names), fieldSpec(options), {
    maxKeys: options.names.length,
    noNullPrototype: true,
  })
}

function fieldSpec(options: SpecOptions): fc.Arbitrary<Field> {
  return fc
    .record({
      spec: anySpec(options),
      wrap: fc.constantFrom('plain', 'optional', 'nullable', 'default'),
      id: fc.option(fc.constantFrom(...(options.ids ?? ['None'])), { nil: undefined, freq: 2 }),
    })
    .map(({ spec, wrap, id }): Field => {
      const collection = spec.kind === 'list' || spec.kind === 'map'
      // Lists and maps have no presence in protobuf.
      return {
        spec,
        wrap: collection && options.protobuf ? 'plain' : wrap,
        ...(options.ids && id !== undefined && (spec.kind === 'object' || spec.kind === 'enum')
          ? { id }
          : {}),
      }
    })
}

function anySpec(options: SpecOptions): fc.Arbitrary<Spec> {
  const inner = { ...options, depth: options.depth - 1 }
  const leaves: fc.Arbitrary<Spec>[] = [
    fc
      .record({
        min: fc.nat(3),
        more: fc.nat(5),
        refined: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      })
      .map(({ min, more, refined }) => ({
        kind: 'string',
        min,
        max: min + more,
        ...(refined === undefined ? {} : { refined }),
      })),
    fc
      .constantFrom('date' as const, 'datetime' as const, 'uuid' as const, 'email' as const)
      .map((format) => ({ kind: 'format', format })),
    fc
      .record({
        kind: fc.constantFrom('int' as const, 'int32' as const, 'uint32' as const),
        min: fc.option(fc.nat(9), { nil: undefined }),
      })
      .map(({ kind, min }) => ({ kind, ...(min === undefined ? {} : { min }) })),
    fc.constantFrom('number' as const, 'float32' as const, 'boolean' as const).map((kind) => ({ kind })),
    fc
      .uniqueArray(fc.constantFrom('file', 'folder', 'image/png', 'a-b', 'a_b', '', 'unspecified'), {
        minLength: 1,
        maxLength: 4,
      })
      .map((values) => ({ kind: 'enum', values })),
    fc.constantFrom('x', 3, 1.5, true).map((value) => ({ kind: 'literal', value })),
  ]
  if (options.depth <= 0) return fc.oneof(...leaves)
  const single: fc.Arbitrary<Spec>[] = [
    ...leaves,
    objectSpec(inner).map((fields) => ({ kind: 'object', fields })),
    fc
      .dictionary(fc.constantFrom('cat', 'dog', 'big-fish'), objectSpec(inner), {
        minKeys: 1,
        noNullPrototype: true,
      })
      .map((variants) => ({ kind: 'union', variants })),
  ]
  const item = options.protobuf ? fc.oneof(...single) : anySpec(inner)
  return fc.oneof(
    ...single,
    item.map((item): Spec => ({ kind: 'list', item })),
    item.map((value): Spec => ({ kind: 'map', value })),
    ...(options.protobuf
      ? []
      : [
          fc
            .array(anySpec(inner), { minLength: 1, maxLength: 3 })
            .map((options): Spec => ({ kind: 'anyOf', options })),
          fc
            .array(anySpec(inner), { minLength: 1, maxLength: 3 })
            .map((items): Spec => ({ kind: 'tuple', items })),
        ]),
  )
}

/** A part of a contract that shares schemas by id: the first field with an id decides what it stands for. */
export type SharedSchemas = Map<string, z.ZodType>

/** The zod object of fields. */
export function zodObject(fields: Record<string, Field>, shared: SharedSchemas = new Map()): z.ZodObject {
  return z.object(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, zodField(field, shared)])),
  )
}

function zodField({ spec, wrap, id }: Field, shared: SharedSchemas): z.ZodType {
  const schema = id === undefined ? zodOf(spec, shared) : sharedOf(id, spec, shared)
  if (wrap === 'optional') return schema.optional()
  if (wrap === 'nullable') return schema.nullable()
  if (wrap === 'default' && spec.kind === 'boolean') return (schema as z.ZodBoolean).default(false)
  if (wrap === 'default' && id === undefined && spec.kind === 'int32')
    return (schema as z.ZodInt32).default(20)
  return schema
}

function sharedOf(id: string, spec: Spec, shared: SharedSchemas): z.ZodType {
  const known = shared.get(id)
  if (known) return known
  // Taken first: what is inside may not have the id as well.
  shared.set(id, z.string())
  const made = zodOf(spec, shared).meta({ id })
  shared.set(id, made)
  return made
}

const formats = { uuid: z.uuid, email: z.email, date: z.iso.date, datetime: z.iso.datetime }
const numbers = { int: z.int, int32: z.int32, uint32: z.uint32, number: z.number, float32: z.float32 }

/** The zod schema of a spec. */
export function zodOf(spec: Spec, shared: SharedSchemas = new Map()): z.ZodType {
  switch (spec.kind) {
    case 'string': {
      const schema = z
        .string()
        .min(spec.min ?? 0)
        .max(spec.max ?? 100)
      const { refined } = spec
      return refined === undefined
        ? schema
        : schema.refine(() => true, {
            error: 'never',
            params: { refinement: { name: 'fine', version: refined } },
          })
    }
    case 'format':
      return formats[spec.format]()
    case 'int':
    case 'int32':
    case 'uint32':
      return spec.min === undefined ? numbers[spec.kind]() : numbers[spec.kind]().min(spec.min)
    case 'number':
    case 'float32':
      return numbers[spec.kind]()
    case 'boolean':
      return z.boolean()
    case 'enum':
      return z.enum(spec.values)
    case 'literal':
      return z.literal(spec.value)
    case 'list':
      return z.array(zodOf(spec.item, shared))
    case 'map':
      return z.record(z.string(), zodOf(spec.value, shared))
    case 'object':
      return zodObject(spec.fields, shared)
    case 'union':
      return z.discriminatedUnion(
        'is',
        Object.entries(spec.variants).map(([value, fields]) =>
          zodObject(fields, shared).extend({ is: z.literal(value) }),
        ) as never,
      )
    case 'anyOf':
      return z.union(spec.options.map((option) => zodOf(option, shared)))
    case 'tuple':
      return z.tuple(spec.items.map((item) => zodOf(item, shared)) as never)
  }
}
