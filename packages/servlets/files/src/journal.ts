import { setTimeout as pause } from 'node:timers/promises'
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Change } from './contract.ts'
import { changes, trees } from './schema.ts'

/** One change of a tree. */
export interface Recorded {
  readonly revision: number
  readonly at: string
  readonly what: Change
}

/** A transaction, or the database itself. */
export type Db = Pick<NodePgDatabase, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

/**
 * Counts a tree on and returns where it stands: its new revision and the bytes used. Whoever else changes this tree
 * waits until the transaction is over, so revisions become visible in order.
 */
export async function nextRevision(
  tx: Db,
  accountId: string,
): Promise<{ revision: number; usedBytes: number }> {
  const [tree] = await tx
    .insert(trees)
    .values({ accountId, revision: 1, usedBytes: 0 })
    .onConflictDoUpdate({ target: trees.accountId, set: { revision: sql`${trees.revision} + 1` } })
    .returning()
  return tree!
}

/** The revision that a tree has now. */
export async function revisionOf(db: Db, accountId: string): Promise<number> {
  const [tree] = await db.select().from(trees).where(eq(trees.accountId, accountId))
  return tree?.revision ?? 0
}

/** What happened after a revision, at most `limit` changes, in order. */
export async function changesSince(
  db: Db,
  accountId: string,
  revision: number,
  limit: number,
): Promise<Recorded[]> {
  const rows = await db
    .select()
    .from(changes)
    .where(and(eq(changes.accountId, accountId), gt(changes.revision, revision)))
    .orderBy(asc(changes.revision))
    .limit(limit)
  return rows.map(({ revision, at, what }) => ({ revision, at: at.toISOString(), what }))
}

/**
 * Every change after a revision, as it happens, until `signal` aborts. The table is asked again and again: that is one
 * look into an index, and it hears of changes made by other replicas, and goes on after the database was away.
 */
export async function* follow(
  db: Db,
  accountId: string,
  revision: number,
  { everyMs, signal }: { everyMs: number; signal: AbortSignal },
): AsyncGenerator<Change> {
  for (let seen = revision; ; await pause(everyMs, undefined, { signal }))
    for (const change of await changesSince(db, accountId, seen, 1000)) {
      seen = change.revision
      yield change.what
    }
}
