import { type JsonSchema, resolveRef } from '../json-schema.ts'
import { own } from '../records.ts'

/** A discriminated union: its variants by the value that the discriminator has in them. */
export interface Union {
  readonly discriminator: string
  readonly variants: readonly { readonly value: string; readonly schema: JsonSchema }[]
}

/** The variants of a discriminated union, unions inside it flattened; undefined for any other schema. */
export function variantsOf(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): Union | undefined {
  const discriminator = schema.discriminator?.propertyName
  if (discriminator === undefined || !schema.oneOf) return undefined
  const variants = schema.oneOf.flatMap((option) => {
    const { schema: resolved } = resolveRef(option, schemas)
    if (resolved.discriminator?.propertyName === discriminator)
      return variantsOf(resolved, schemas)?.variants ?? []
    return [{ value: String(valueIn(discriminator, resolved, schemas)), schema: option }]
  })
  return { discriminator, variants }
}

/** The value of the discriminator in a variant; the first one where it has several. */
function valueIn(
  discriminator: string,
  variant: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): unknown {
  const { schema } = resolveRef(variant, schemas)
  if (schema.oneOf?.[0]) return valueIn(discriminator, schema.oneOf[0], schemas)
  const property = own(schema.properties, discriminator)
  if (!property) return undefined
  const { schema: values } = resolveRef(property, schemas)
  return 'const' in values ? values.const : values.enum?.[0]
}
