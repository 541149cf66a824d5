import * as z from 'zod'
import { defOf } from './schema-def.ts'

/** The schema of an open enum: the known values, and any other text. */
export type OpenEnum<T extends string> = z.ZodType<T | (string & {}), T | (string & {})>

/** The schema of an open union: the known variants, and an object of which only the discriminator is known. */
export type OpenUnion<S extends z.core.$ZodType, D extends string> = z.ZodType<
  z.output<S> | { [K in D]: string & {} },
  z.input<S> | { [K in D]: string & {} }
>

/**
 * Marks an enum or a discriminated union as open: more values or variants may come, and callers must take those that they do
 * not know. So a servlet may add one in a minor version, where a closed enum in an output needs a major one.
 *
 * `open(z.enum(['low', 'high']))` takes any text and names the known ones; over gRPC it is a `string`. An open union takes
 * any object with the discriminator, of which callers that do not know the variant see that field only; protobuf has no such
 * thing, so its endpoint needs `grpc: false`. Opening what was closed, and closing what was open, are breaking changes.
 *
 * @throws TypeError for any other schema
 */
export function open<const T extends string>(schema: z.ZodEnum<{ [K in T]: K }>): OpenEnum<T>
export function open<O extends readonly z.core.$ZodTypeDiscriminable[], D extends string>(
  schema: z.ZodDiscriminatedUnion<O, D>,
): OpenUnion<z.ZodDiscriminatedUnion<O, D>, D>
// `unknown`, because to compare what is made with `ZodType` the checker would compare all of zod's types.
export function open(schema: z.core.$ZodType): unknown {
  const { id, ...meta } = z.globalRegistry.get(schema) ?? {}
  const known = id === undefined ? meta : { ...meta, id: `Open${id}` }
  const def = defOf(schema)
  if (def.type === 'enum') {
    const values = z.core.util.getEnumValues(def.entries)
    if (values.every((value) => typeof value === 'string'))
      return z.string().meta({ ...known, 'x-known-values': values })
  }
  if (def.type === 'union' && 'discriminator' in def) {
    const name = (def as z.core.$ZodDiscriminatedUnionDef).discriminator
    const values = [...(schema._zod.propValues?.[name] ?? [])]
    if (values.every((value) => typeof value === 'string')) {
      // A variant that is known must be right: it is not to pass as one that is not known.
      const other = z.object({
        [name]: z.string().regex(new RegExp(`^(?!(?:${values.map(escaped).join('|')})$)`)),
      })
      return z.union([schema, other]).meta({ ...known, 'x-open': true, 'x-known-values': values })
    }
  }
  throw new TypeError(
    'open() takes an enum of strings, or a discriminated union whose variants have a string each',
  )
}

function escaped(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&')
}
