import { cursorOf, moment } from '@acme/cursors'
import type { Change } from '@acme/files/contract'
import { and, desc, eq, inArray, or, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as z from 'zod'
import type { Hit } from './contract.ts'
import { documents, positions } from './schema.ts'
import { queryOf } from './words.ts'

type Db = Pick<NodePgDatabase, 'insert' | 'delete'>

/** What is to be found, for whom. */
export interface Question {
  readonly text: string
  readonly accountId: string
  /** Files of others that the account may read. */
  readonly granted: readonly string[]
  readonly cursor: string | undefined
  readonly limit: number
}

/** The index: a copy of what journals of files say, with the words of paths. */
export type SearchIndex = ReturnType<typeof openIndex>

const cursors = cursorOf(z.object({ modified: moment, fileId: z.uuid() }))

export function openIndex(db: NodePgDatabase) {
  return {
    /** The revision up to which the files of an account are in the index. */
    async position(accountId: string): Promise<number> {
      const [found] = await db.select().from(positions).where(eq(positions.accountId, accountId))
      return found?.revision ?? 0
    },
    /** Puts changes into the index, unless somebody else has done so since. */
    async add(
      accountId: string,
      entries: readonly { revision: number; what: Change }[],
      since: number,
    ): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.insert(positions).values({ accountId, revision: 0 }).onConflictDoNothing()
        const { rowCount } = await tx
          .update(positions)
          .set({ revision: entries.at(-1)!.revision })
          .where(and(eq(positions.accountId, accountId), eq(positions.revision, since)))
        if (rowCount === 1) for (const { what } of entries) await put(tx, accountId, what)
      })
    },
    async find({
      text,
      accountId,
      granted,
      cursor,
      limit,
    }: Question): Promise<{ items: Hit[]; next?: string }> {
      const query = queryOf(text)
      if (query === undefined) return { items: [] }
      const matches = sql`to_tsquery('simple', ${query})`
      const after = cursors.read(cursor)
      const own = and(eq(documents.accountId, accountId), sql`${documents.words} @@ ${matches}`)
      const others = and(inArray(documents.fileId, [...granted]), sql`${documents.wordsOfName} @@ ${matches}`)
      const older =
        after && sql`(${documents.modified}, ${documents.fileId}) < (${after.modified}, ${after.fileId})`
      const rows = await db
        .select()
        .from(documents)
        .where(and(or(own, others), older))
        .orderBy(desc(documents.modified), desc(documents.fileId))
        .limit(limit + 1)
      const items = rows.slice(0, limit).map((row): Hit => {
        const { fileId, accountId: ownerId, sizeBytes, contentType } = row
        const path = ownerId === accountId ? row.path : row.path.slice(row.path.lastIndexOf('/') + 1)
        return { fileId, ownerId, path, sizeBytes, contentType, modified: row.modified.toISOString() }
      })
      const last = items.at(-1)
      return rows.length > limit && last ? { items, next: cursors.write(last) } : { items }
    },
  }
}

async function put(db: Db, accountId: string, change: Change): Promise<void> {
  if (change.kind === 'removed') {
    await db.delete(documents).where(eq(documents.fileId, change.fileId))
    return
  }
  const { id: fileId, path, sizeBytes, contentType, modified } = change.file
  const values = { accountId, path, sizeBytes, contentType, modified: new Date(modified) }
  await db
    .insert(documents)
    .values({ fileId, ...values })
    .onConflictDoUpdate({ target: documents.fileId, set: values })
}
