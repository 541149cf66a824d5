import type * as z from 'zod'
import type { AnySchema } from './bounds.ts'

/** Declares server streaming: many items, one after another. */
export interface Stream<S extends AnySchema = z.core.$ZodType> {
  readonly kind: 'stream'
  readonly item: S
}

/** Server streaming of `item`: over plain HTTP server-sent events when asked for, else newline-delimited JSON. */
export function stream<S extends AnySchema>(item: S): Stream<S> {
  return { kind: 'stream', item }
}
