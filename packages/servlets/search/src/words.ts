/** What stands between words in a path, and in what people type. The migration knows the same characters. */
const between = /[\s\p{Cc}/._\-+()[\]]+/u

/**
 * What people typed, as a query of Postgres's full text search: every word must be there, or one that begins with it,
 * since people search while they type. Undefined where there is no word.
 *
 * Words are quoted, so nothing in them means anything: https://www.postgresql.org/docs/current/datatype-textsearch.html
 */
export function queryOf(text: string): string | undefined {
  const words = text.split(between).filter((word) => word !== '')
  const quoted = words.map((word) => `'${word.replaceAll(/['\\]/g, (mark) => mark + mark)}':*`)
  return quoted.length > 0 ? quoted.join(' & ') : undefined
}
