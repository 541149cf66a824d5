import * as z from 'zod'

/** The input fields of an endpoint that shows a journal: what comes after `since`, and how much of it at once. */
export function since(): { since: z.ZodDefault<z.ZodInt>; limit: z.ZodDefault<z.ZodInt> } {
  return { since: z.int().min(0).default(0), limit: z.int().min(1).max(1000).default(500) }
}

/** An entry of a journal: the first has revision 1, each later one a greater number. */
export type Entry<S extends z.core.$ZodType> = z.ZodObject<
  { revision: z.ZodInt; at: z.ZodISODateTime; what: S },
  z.core.$strip
>

/** What an endpoint answers that shows a journal. `more`: whether there is something after the last entry. */
export type Journal<S extends z.core.$ZodType> = z.ZodObject<
  { entries: z.ZodArray<Entry<S>>; more: z.ZodBoolean },
  z.core.$strip
>

/** The output of an endpoint that shows a journal of `what`. */
export function journal<S extends z.core.$ZodType>(what: S): Journal<S> {
  const entry: z.core.$ZodType = z.object({ revision: z.int(), at: z.iso.datetime(), what })
  const made: object = z.object({ entries: z.array(entry), more: z.boolean() })
  return made as Journal<S>
}
