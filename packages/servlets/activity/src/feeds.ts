import { cursorOf, moment } from '@acme/cursors'
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as z from 'zod'
import type { Happening } from './contract.ts'
import { feeds, items, positions } from './schema.ts'

/** A happening, and its revision in the journal that it comes from. */
export interface News {
  readonly revision: number
  readonly at: string
  readonly what: Happening
}

/** The feeds of everybody. */
export type Feeds = ReturnType<typeof openFeeds>

const cursors = cursorOf(z.object({ at: moment, revision: z.int() }))

export function openFeeds(db: NodePgDatabase) {
  const positionOf = (accountId: string, source: string) =>
    and(eq(positions.accountId, accountId), eq(positions.source, source))
  return {
    /** How far a journal has been followed for an account. */
    async position(accountId: string, source: string): Promise<number> {
      const [found] = await db.select().from(positions).where(positionOf(accountId, source))
      return found?.revision ?? 0
    },
    /** Adds news of a journal to the feed, unless somebody else has done so since. */
    async add(accountId: string, source: string, news: readonly News[], since: number): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.insert(positions).values({ accountId, source, revision: 0 }).onConflictDoNothing()
        const { rowCount } = await tx
          .update(positions)
          .set({ revision: news.at(-1)!.revision })
          .where(and(positionOf(accountId, source), eq(positions.revision, since)))
        if (rowCount !== 1) return
        // Locks the feed, so that its revisions appear in order.
        const [feed] = await tx
          .insert(feeds)
          .values({ accountId, revision: news.length })
          .onConflictDoUpdate({
            target: feeds.accountId,
            set: { revision: sql`${feeds.revision} + ${news.length}` },
          })
          .returning()
        const first = feed!.revision - news.length + 1
        const rows = news.map(({ at, what }, n) => ({
          accountId,
          revision: first + n,
          at: new Date(at),
          what,
        }))
        await tx.insert(items).values(rows)
      })
    },
    /** The newest items, whatever journal they are from. */
    async page(accountId: string, cursor: string | undefined, limit: number) {
      const after = cursors.read(cursor)
      const older = after && sql`(${items.at}, ${items.revision}) < (${after.at}, ${after.revision})`
      const rows = await db
        .select()
        .from(items)
        .where(and(eq(items.accountId, accountId), older))
        .orderBy(desc(items.at), desc(items.revision))
        .limit(limit + 1)
      const found = rows
        .slice(0, limit)
        .map(({ at, revision, what }) => ({ at: at.toISOString(), revision, what }))
      const last = found.at(-1)
      return { items: found, next: rows.length > limit && last ? cursors.write(last) : undefined }
    },
    /** What became known after a revision of the feed, at most `limit` items, in order. */
    async since(accountId: string, revision: number, limit: number): Promise<News[]> {
      const rows = await db
        .select()
        .from(items)
        .where(and(eq(items.accountId, accountId), gt(items.revision, revision)))
        .orderBy(asc(items.revision))
        .limit(limit)
      return rows.map(({ revision, at, what }) => ({ revision, at: at.toISOString(), what }))
    },
  }
}
