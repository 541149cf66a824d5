import { randomUUID } from 'node:crypto'
import { cursorOf, moment } from '@acme/cursors'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as z from 'zod'
import type { Person } from './contract.ts'
import { record } from './events.ts'
import { type GrantRow, grants } from './schema.ts'

/** Who may read which file besides its owner. */
export type Grants = ReturnType<typeof openGrants>

const cursors = cursorOf(z.object({ created: moment, id: z.uuid() }))

export function openGrants(db: NodePgDatabase) {
  return {
    /** The grant of a file to a reader: the one that is there, or a new one. */
    give(file: { id: string; path: string }, owner: Person, reader: Person): Promise<GrantRow> {
      return db.transaction(async (tx) => {
        const row = { id: randomUUID(), ownerId: owner.id, fileId: file.id, readerId: reader.id }
        const [given] = await tx
          .insert(grants)
          .values({ ...row, created: new Date() })
          .onConflictDoNothing()
          .returning()
        if (!given) {
          const same = and(eq(grants.fileId, file.id), eq(grants.readerId, reader.id))
          const [there] = await tx.select().from(grants).where(same)
          if (there) return there
          throw new Error('the grant was taken back while it was given')
        }
        const { path } = file
        await record(
          tx,
          { accountId: owner.id, what: { kind: 'granted', path, reader } },
          { accountId: reader.id, what: { kind: 'received', path: nameOf(path), owner } },
        )
        return given
      })
    },
    /** A grant that somebody has, to read a file of somebody else. */
    async toReader(readerId: string, id: string): Promise<GrantRow | undefined> {
      const [row] = await db
        .select()
        .from(grants)
        .where(and(eq(grants.id, id), eq(grants.readerId, readerId)))
      return row
    },
    async pageOfReader(readerId: string, cursor: string | undefined, limit: number) {
      const after = cursors.read(cursor)
      const older = after && sql`(${grants.created}, ${grants.id}) < (${after.created}, ${after.id})`
      const rows = await db
        .select()
        .from(grants)
        .where(and(eq(grants.readerId, readerId), older))
        .orderBy(desc(grants.created), desc(grants.id))
        .limit(limit + 1)
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      if (rows.length <= limit || !last) return { items, next: undefined }
      return { items, next: cursors.write({ id: last.id, created: last.created.toISOString() }) }
    },
    /** Takes a grant back; whether there was one of this owner. */
    async takeBack(ownerId: string, id: string): Promise<boolean> {
      const mine = and(eq(grants.ownerId, ownerId), eq(grants.id, id))
      return (await db.delete(grants).where(mine)).rowCount === 1
    },
  }
}

/** What readers see of a path: folders are the owner's own business. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
