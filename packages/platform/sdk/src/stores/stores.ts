import type { Blobs } from './blobs.ts'
import type { Postgres } from './postgres.ts'

/** What a servlet gets for each kind of store that its manifest can declare. */
export interface StoreKinds {
  readonly blobs: Blobs
  readonly postgres: Postgres
}

/** A kind of store. */
export type StoreKind = keyof StoreKinds

/** The kind of a declared store: the manifest writes it as a key, because values of imported JSON widen to `string`. */
type KindOf<S> = Extract<keyof S, StoreKind>

/** The stores that a manifest declares, by name. */
export type StoresOf<M> = M extends { readonly stores: infer S }
  ? { readonly [K in keyof S]: StoreKinds[KindOf<S[K]>] }
  : {}
