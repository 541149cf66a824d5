import { randomBytes } from 'node:crypto'
import { cursorOf, moment, word } from '@acme/cursors'
import { hashPassword } from '@acme/passwords'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as z from 'zod'
import type { Link } from './contract.ts'
import { record } from './events.ts'
import { type LinkRow, links } from './schema.ts'

/** What a link is made of. */
export interface NewLink {
  readonly ownerId: string
  readonly fileId: string
  readonly path: string
  readonly password?: string | undefined
  readonly expires?: Date | undefined
}

/** The links of everybody. */
export type Links = ReturnType<typeof openLinks>

const cursors = cursorOf(z.object({ created: moment, id: word }))

export function openLinks(db: NodePgDatabase) {
  return {
    /** A new link. Nobody can guess its id. */
    async create({ password, ...link }: NewLink): Promise<Link> {
      const hash = password === undefined ? null : await hashPassword(password)
      const id = randomBytes(16).toString('base64url')
      return db.transaction(async (tx) => {
        const values = { ...link, id, password: hash, created: new Date() }
        const [row] = await tx.insert(links).values(values).returning()
        await record(tx, { accountId: link.ownerId, what: { kind: 'linked', path: link.path } })
        return shown(row!)
      })
    },
    /** The link with its secrets, for whoever opens it. */
    async find(id: string): Promise<LinkRow | undefined> {
      const [row] = await db.select().from(links).where(eq(links.id, id))
      return row
    },
    async page(ownerId: string, cursor: string | undefined, limit: number) {
      const after = cursors.read(cursor)
      const older = after && sql`(${links.created}, ${links.id}) < (${after.created}, ${after.id})`
      const rows = await db
        .select()
        .from(links)
        .where(and(eq(links.ownerId, ownerId), older))
        .orderBy(desc(links.created), desc(links.id))
        .limit(limit + 1)
      const items = rows.slice(0, limit).map(shown)
      const last = items.at(-1)
      return { items, next: rows.length > limit && last ? cursors.write(last) : undefined }
    },
    /** Whether there was one of this owner. Its tickets go with it. */
    async remove(ownerId: string, id: string): Promise<boolean> {
      const mine = and(eq(links.ownerId, ownerId), eq(links.id, id))
      return (await db.delete(links).where(mine)).rowCount === 1
    },
    /** Counts an opening. The owner hears of the first one only: a popular link would drown all else. */
    async countOpening({ id, ownerId, path }: LinkRow): Promise<void> {
      await db.transaction(async (tx) => {
        const [link] = await tx
          .update(links)
          .set({ opened: sql`${links.opened} + 1` })
          .where(eq(links.id, id))
          .returning()
        if (link?.opened === 1) await record(tx, { accountId: ownerId, what: { kind: 'opened', path } })
      })
    },
  }
}

/** A link as its owner sees it: without the hash of the password. */
function shown({ id, fileId, path, password, expires, opened, created }: LinkRow): Link {
  const link = { id, fileId, path, hasPassword: password !== null, opened, created: created.toISOString() }
  return expires ? { ...link, expires: expires.toISOString() } : link
}
