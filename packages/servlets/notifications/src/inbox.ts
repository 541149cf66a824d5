import type { Happening } from '@acme/activity/contract'
import { cursorOf } from '@acme/cursors'
import { and, asc, count, desc, eq, gt, lt, lte } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as z from 'zod'
import type { Notification } from './contract.ts'
import { notifications, positions } from './schema.ts'
import { sentenceOf } from './sentence.ts'

/** One entry of the journal of an account. */
export interface News {
  readonly revision: number
  readonly at: string
  readonly what: Happening
}

/** What everybody was told. */
export type Inbox = ReturnType<typeof openInbox>

const cursors = cursorOf(z.object({ id: z.int() }))
const batchSize = 100

export function openInbox(db: NodePgDatabase) {
  const of = (accountId: string) => eq(notifications.accountId, accountId)
  const unreadOf = (accountId: string) => and(of(accountId), eq(notifications.isRead, false))
  return {
    async position(accountId: string): Promise<number> {
      const [found] = await db.select().from(positions).where(eq(positions.accountId, accountId))
      return found?.revision ?? 0
    },
    /** Makes notifications of what there is to tell, unless somebody else has done so since. */
    async add(accountId: string, news: readonly News[], since: number): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.insert(positions).values({ accountId, revision: 0 }).onConflictDoNothing()
        const { rowCount } = await tx
          .update(positions)
          .set({ revision: news.at(-1)!.revision })
          .where(and(eq(positions.accountId, accountId), eq(positions.revision, since)))
        const rows = news.flatMap(({ revision, at, what }) => {
          const sentence = sentenceOf(what)
          return sentence ? [{ accountId, id: revision, at: new Date(at), ...sentence }] : []
        })
        if (rowCount === 1 && rows.length > 0) await tx.insert(notifications).values(rows)
      })
    },
    /** The newest first. */
    async page(accountId: string, cursor: string | undefined, limit: number) {
      const after = cursors.read(cursor)
      const rows = await db
        .select()
        .from(notifications)
        .where(and(of(accountId), after && lt(notifications.id, after.id)))
        .orderBy(desc(notifications.id))
        .limit(limit + 1)
      const items = rows.slice(0, limit).map(shown)
      const last = items.at(-1)
      return { items, next: rows.length > limit && last ? cursors.write({ id: last.id }) : undefined }
    },
    /** The unread ones after an id, oldest first: some of them at a time. */
    async unreadAfter(accountId: string, id: number): Promise<Notification[]> {
      const rows = await db
        .select()
        .from(notifications)
        .where(and(unreadOf(accountId), gt(notifications.id, id)))
        .orderBy(asc(notifications.id))
        .limit(batchSize)
      return rows.map(shown)
    },
    async countUnread(accountId: string): Promise<number> {
      const [found] = await db.select({ unread: count() }).from(notifications).where(unreadOf(accountId))
      return found?.unread ?? 0
    },
    async markRead(accountId: string, upTo: number): Promise<void> {
      await db
        .update(notifications)
        .set({ isRead: true })
        .where(and(unreadOf(accountId), lte(notifications.id, upTo)))
    },
  }
}

function shown({ id, at, kind, text, isRead }: typeof notifications.$inferSelect): Notification {
  return { id, at: at.toISOString(), kind, text, isRead }
}
