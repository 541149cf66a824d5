import { type SQL, sql } from 'drizzle-orm'
import { files } from './schema.ts'

/** Sorts behind everything in a folder: no path has this character, and there is no greater one. */
const last = '\u{10ffff}'

/**
 * The first path of each child of a folder, in order, from behind `after` on. Each step of the recursion looks up the
 * next path in the index, and behind all of a folder where the one before was in one: listing what is above a million
 * files reads as many rows as it returns.
 */
export function childrenOf(accountId: string, folder: string | undefined, after: string, limit: number): SQL {
  const prefix = folder === undefined ? '' : `${folder}/`
  const next = (from: SQL) => sql`
    SELECT path FROM ${files}
    WHERE account_id = ${accountId} AND path > ${from} AND path < ${prefix + last}
    ORDER BY path LIMIT 1`
  const name = sql`substr(child.path, ${[...prefix].length + 1}::int)`
  const end = sql`CASE WHEN strpos(${name}, '/') = 0 THEN child.path
    ELSE ${prefix}::text || split_part(${name}, '/', 1) || ${`/${last}`}::text END`
  return sql`
    WITH RECURSIVE child (path, n) AS (
      (SELECT path, 1 FROM (${next(sql`greatest(${after}::text COLLATE "C", ${prefix}::text)`)}) AS first)
      UNION ALL
      SELECT next.path, child.n + 1 FROM child, LATERAL (${next(end)}) AS next WHERE child.n < ${limit}
    )
    SELECT path FROM child ORDER BY n`
}

/** What a path is below a folder: a file in it, or the folder in it that the file is somewhere in. */
export function childOf(
  path: string,
  folder: string | undefined,
): { folder: string | undefined; end: string } {
  const slash = path.indexOf('/', folder === undefined ? 0 : folder.length + 1)
  if (slash < 0) return { folder: undefined, end: path }
  return { folder: path.slice(0, slash), end: path.slice(0, slash + 1) + last }
}
