import { AtlasError } from '@atlas/contract'

/** Stores mark the errors that they make, because an ORM wraps them into errors of its own. */
const brand = Symbol.for('atlas.store-error')

/** The store's own error that something thrown came of, if it did. */
export function storeErrorIn(reason: unknown): AtlasError | undefined {
  return causesOf(reason).find((each): each is AtlasError => each instanceof AtlasError && brand in each)
}

/**
 * The SQLSTATE of an error of Postgres, also where an ORM wrapped it: `'23505'` when a row exists already, `'23503'` when
 * one that it refers to does not. Undefined for other errors.
 */
export function sqlStateOf(error: unknown): string | undefined {
  for (const each of causesOf(error))
    if ('code' in each && 'severity' in each && /^[0-9A-Z]{5}$/.test(String(each.code)))
      return String(each.code)
  return undefined
}

/** An error and what it came of; a cause may be its own. */
function causesOf(reason: unknown): Error[] {
  const found = new Set<Error>()
  for (let each = reason; each instanceof Error && !found.has(each); each = each.cause) found.add(each)
  return [...found]
}
