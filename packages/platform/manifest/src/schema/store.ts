import * as z from 'zod'
import { type Chosen, oneKeyOf } from './one-key.ts'

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
export type Store = Chosen<Kinds>

/** The schema of a store. */
export const store = oneKeyOf(kinds, {
  none: 'names no kind of store',
  several: (given) => `is ${given} at once; a store has one kind`,
  remedy: 'make it two stores',
})

/** The kind of a store. */
export function storeKind(store: Store): StoreKind {
  return 'postgres' in store ? 'postgres' : 'blobs'
}
