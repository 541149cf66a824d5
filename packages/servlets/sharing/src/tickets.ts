import { createHash, randomBytes } from 'node:crypto'
import { and, eq, gt, lte } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { type LinkRow, links, tickets } from './schema.ts'

/** Tickets of links that were opened: a password is sent once, and never as part of an address. */
export type Tickets = ReturnType<typeof openTickets>

export function openTickets(db: NodePgDatabase, minutes: number) {
  return {
    /** A new ticket, good for some minutes but never longer than its link. Clears up those that expired. */
    async issue(link: LinkRow): Promise<{ ticket: string; ticketExpires: string }> {
      const ticket = randomBytes(24).toString('base64url')
      const end = Date.now() + minutes * 60_000
      const expires = new Date(Math.min(end, link.expires?.getTime() ?? end))
      await db.delete(tickets).where(and(eq(tickets.linkId, link.id), lte(tickets.expires, new Date())))
      await db.insert(tickets).values({ hash: hashOf(ticket), linkId: link.id, expires })
      return { ticket, ticketExpires: expires.toISOString() }
    },
    /** The link that a ticket is for; undefined where it has expired or is for another one. */
    async linkOf(linkId: string, ticket: string): Promise<LinkRow | undefined> {
      const good = and(
        eq(tickets.hash, hashOf(ticket)),
        eq(tickets.linkId, linkId),
        gt(tickets.expires, new Date()),
      )
      const [row] = await db
        .select({ link: links })
        .from(tickets)
        .innerJoin(links, eq(links.id, tickets.linkId))
        .where(good)
      return row?.link
    },
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex')
}
