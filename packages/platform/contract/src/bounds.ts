/**
 * What type parameters are bounded by: just enough of a zod schema to refuse what is none. With zod's own types as bounds the
 * checker compares every schema with them member by member, which costs more than all else in a contract.
 */
export interface AnySchema {
  readonly _zod: { readonly def: { readonly type: string } }
}

/** An object schema, as a bound. */
export interface ObjectSchema {
  readonly _zod: { readonly def: { readonly type: 'object'; readonly shape: object } }
}

/** Typed errors by kind, as a bound. */
export type ErrorsBound = Readonly<Record<string, { readonly code: string; readonly data: AnySchema }>>

/** What an endpoint may answer with, as a bound: a schema, or a stream or bytes, which have a kind. */
export type OutputBound = AnySchema | { readonly kind: 'stream' | 'bytes' }
