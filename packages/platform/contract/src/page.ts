import * as z from 'zod'

/** The schema of a page of `Item`. */
export type Page<S extends z.core.$ZodType> = z.ZodObject<
  { items: z.ZodArray<S>; next: z.ZodOptional<z.ZodString> },
  z.core.$strip
>

/**
 * The one pagination: `output: page(Item)` beside `input: z.object({ ...paging() })`. `next` is the cursor of the
 * following page and is absent on the last one. Cursors are opaque, because offsets skip and repeat under writes.
 */
export function page<S extends z.core.$ZodType>(item: S): Page<S> {
  const items: z.ZodArray = z.array<z.core.$ZodType>(item)
  // Not followed by the checker: to compare with a schema that is not known yet it would compare all of zod's types.
  const made: object = z.object({ items, next: z.string().optional() })
  return made as Page<S>
}

/** Options of {@link paging}. */
export interface PagingOptions {
  /** @default 100 */
  readonly limit?: number
  /** @default 1000: a page that fits a message */
  readonly maxLimit?: number
}

/** The input fields of a paginated endpoint: `cursor` and `limit`. */
export function paging(options: PagingOptions = {}): {
  cursor: z.ZodOptional<z.ZodString>
  limit: z.ZodDefault<z.ZodInt>
} {
  const { limit = 100, maxLimit = 1000 } = options
  return { cursor: z.string().optional(), limit: z.int().min(1).max(maxLimit).default(limit) }
}
