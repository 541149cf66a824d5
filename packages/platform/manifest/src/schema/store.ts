import * as z from 'zod'

const kinds = {
  postgres: z
    .strictObject({
      maxConnections: z
        .int()
        .min(1)
        .max(100)
        .default(10)
        .describe(
          'Connections each replica may hold. 10 by default: Postgres itself is fastest with few, and 100 is all it has by default.',
        ),
    })
    .describe('A Postgres database of its own.'),
  blobs: z.strictObject({}).describe('Files of any size by key, as in S3.'),
}

type Kinds = typeof kinds

/** The kinds of stores. */
export type StoreKind = keyof Kinds

/** A store as a servlet has it: exactly one kind as the key, its settings as the value. */
export type Store = { [K in StoreKind]: { readonly [P in K]: z.output<Kinds[K]> } }[StoreKind]

type StoreWritten = { [K in StoreKind]: { readonly [P in K]: z.input<Kinds[K]> } }[StoreKind]

// The kind is a key, not the value of a field, because TypeScript widens the values of an imported JSON file to `string`.
const exactlyOneKind = z
  .strictObject({ postgres: kinds.postgres.exactOptional(), blobs: kinds.blobs.exactOptional() })
  .superRefine((store, ctx) => {
    const given = Object.keys(store)
    // An unknown kind has been reported already.
    if (given.length === 1 || ctx.issues.length > 0) return
    const names = Object.keys(kinds)
    ctx.addIssue({
      code: 'custom',
      message:
        given.length === 0
          ? 'names no kind of store'
          : `is ${given.join(' and ')} at once; a store has one kind`,
      params: {
        remedy: given.length === 0 ? `write { "${names.join('": {} } or { "')}": {} }` : 'make it two stores',
      },
    })
  })
  .meta({ minProperties: 1, maxProperties: 1 })

/** The schema of a store. */
export const store = exactlyOneKind as unknown as z.ZodType<Store, StoreWritten>

/** The kind of a store. */
export function storeKind(store: Store): StoreKind {
  return 'postgres' in store ? 'postgres' : 'blobs'
}
