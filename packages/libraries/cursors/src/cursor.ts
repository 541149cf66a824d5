import { AtlasError } from '@atlas/contract'
import * as z from 'zod'

/** A time that a database can compare with. Anybody may write a cursor, so years that Postgres does not know are refused. */
export const moment = z.iso.datetime().regex(/^[12]\d{3}-/)

/** A text that a database can compare with: any without the one character that Postgres cannot have. */
export const word = z.string().refine((text) => !text.includes('\0'))

/** Writes and reads the cursors of one listing. */
export interface CursorOf<T> {
  /** A position as a text that fits into a query. Callers pass it back and must not look into it. */
  write(position: T): string
  /**
   * The position that a cursor says; undefined for the first page, which has none.
   *
   * @throws AtlasError `invalid_argument` when the text is no cursor of this listing
   */
  read(cursor: string | undefined): T | undefined
}

/** The cursors of a listing whose positions have this schema: what the last item of a page was sorted by. */
export function cursorOf<S extends z.core.$ZodType>(position: S): CursorOf<z.output<S>> {
  return {
    write: (at) => Buffer.from(JSON.stringify(at)).toString('base64url'),
    read(cursor) {
      if (cursor === undefined) return undefined
      const parsed = z.safeParse(position, jsonIn(cursor))
      if (parsed.success) return parsed.data
      throw new AtlasError(
        'invalid_argument',
        "cursor: is none of this listing; pass on what 'next' of the page before was",
      )
    },
  }
}

function jsonIn(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
