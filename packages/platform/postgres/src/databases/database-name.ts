import { createHash } from 'node:crypto'

/** The longest name that Postgres keeps whole, in bytes. */
const maxBytes = 63
const hashDigits = 16

/**
 * The database of a store: `local_files_tree`, `local.feature-x_files_tree`. None of the parts has an underscore, so two
 * stores never share one. A name that would be too long ends in a hash in place of its end.
 *
 * @param space the environment, with the namespace behind a dot where there is one
 */
export function databaseName(space: string, servlet: string, store: string): string {
  const name = `${space}_${servlet}_${store}`
  if (Buffer.byteLength(name) <= maxBytes) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashDigits)
  // Two underscores appear in no name that was short enough.
  return `${name.slice(0, maxBytes - hashDigits - 2)}__${hash}`
}
