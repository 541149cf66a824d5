import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { SharingEvent } from './contract.ts'
import { events, journals } from './schema.ts'

/** A transaction, or the database itself. */
export type Db = Pick<NodePgDatabase, 'select' | 'insert' | 'update' | 'delete'>

/** Something that goes into the journal of an account. */
export interface Happening {
  readonly accountId: string
  readonly what: SharingEvent
}

/**
 * Writes into the journals of accounts, as part of a transaction: what did not happen is in no journal. Journals are
 * locked in the order of their ids, or two people who share with each other could wait for each other for ever.
 */
export async function record(tx: Db, ...happenings: readonly Happening[]): Promise<void> {
  for (const { accountId, what } of happenings.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1))) {
    const [journal] = await tx
      .insert(journals)
      .values({ accountId, revision: 1 })
      .onConflictDoUpdate({ target: journals.accountId, set: { revision: sql`${journals.revision} + 1` } })
      .returning()
    await tx.insert(events).values({ ...journal!, at: new Date(), what })
  }
}

/** What happened after a revision, at most `limit` events, in order. */
export async function eventsSince(db: Db, accountId: string, revision: number, limit: number) {
  const rows = await db
    .select()
    .from(events)
    .where(and(eq(events.accountId, accountId), gt(events.revision, revision)))
    .orderBy(asc(events.revision))
    .limit(limit)
  return rows.map(({ revision, at, what }) => ({ revision, at: at.toISOString(), what }))
}
