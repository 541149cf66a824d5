import type * as z from 'zod'

/** The definition of a schema as data, for walks over schemas; every kind has `type`. */
export type SchemaDef = z.core.$ZodTypes['_zod']['def']

/** The definition of a schema. */
export function defOf(schema: z.core.$ZodType): SchemaDef {
  return (schema as z.core.$ZodTypes)._zod.def
}

/** What a `z.lazy()` stands for: the same schema at every call, so that walks over recursive schemas end. */
export function innerOfLazy(schema: z.core.$ZodType): z.core.$ZodType {
  return (schema as z.core.$ZodLazy)._zod.innerType
}

/** A schema without the wrappers that say when a value may be absent, and what those wrappers said. */
export interface Unwrapped {
  readonly schema: z.core.$ZodType
  /** May be absent from the input, by `.optional()`, `.default()` or `.prefault()`. */
  readonly absent: boolean
  readonly optional: boolean
  readonly nullable: boolean
  /** The default or prefault value, if there is one. */
  readonly fallback: { readonly value: unknown } | undefined
}

/** Removes optional, nullable, default, prefault, nonoptional and readonly wrappers. */
export function unwrap(schema: z.core.$ZodType): Unwrapped {
  let inner = schema
  let optional = false
  let nullable = false
  let fallback: { value: unknown } | undefined
  for (;;) {
    const def = defOf(inner)
    if (def.type === 'optional') optional = true
    else if (def.type === 'nullable') nullable = true
    else if (def.type === 'default' || def.type === 'prefault') fallback ??= { value: def.defaultValue }
    else if (def.type === 'nonoptional') optional = false
    else if (def.type !== 'readonly')
      return { schema: inner, absent: optional || fallback !== undefined, optional, nullable, fallback }
    inner = def.innerType
  }
}
