import * as z from 'zod'

/** The shapes of a choice, by the key that makes it. */
type Choices = Readonly<Record<string, z.ZodType>>

/** A choice as it is after parsing: one key. */
export type Chosen<C extends Choices> = { [K in keyof C]: { readonly [P in K]: z.output<C[K]> } }[keyof C]
/** A choice as it may be written. */
export type ChosenWritten<C extends Choices> = {
  [K in keyof C]: { readonly [P in K]: z.input<C[K]> }
}[keyof C]

/** What a choice is called in errors: `kind of store`, and that a store has one kind. */
export interface ChoiceWords {
  readonly none: string
  readonly several: (given: string) => string
  readonly remedy: string
}

/**
 * A choice written as a key with its settings, `{ "postgres": {} }`. Not as the value of a field, because TypeScript widens the
 * values of an imported JSON file to `string`.
 */
export function oneKeyOf<C extends Choices>(
  choices: C,
  { none, several, remedy }: ChoiceWords,
): z.ZodType<Chosen<C>, ChosenWritten<C>> {
  const names = Object.keys(choices)
  const optional = Object.fromEntries(
    Object.entries(choices).map(([name, schema]) => [name, z.exactOptional(schema)]),
  )
  return z
    .strictObject(optional)
    .superRefine((chosen, ctx) => {
      const given = Object.keys(chosen)
      // An unknown key has been reported already.
      if (given.length === 1 || ctx.issues.length > 0) return
      ctx.addIssue({
        code: 'custom',
        message: given.length === 0 ? none : several(given.join(' and ')),
        params: { remedy: given.length === 0 ? `write { "${names.join('": {} } or { "')}": {} }` : remedy },
      })
    })
    .meta({ minProperties: 1, maxProperties: 1 }) as unknown as z.ZodType<Chosen<C>, ChosenWritten<C>>
}
