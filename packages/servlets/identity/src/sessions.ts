import { createHash, randomBytes } from 'node:crypto'
import { and, eq, gt, lte } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Account } from './contract.ts'
import { accounts, sessions } from './schema.ts'

/** The sessions. Tokens themselves are kept nowhere: who reads the database cannot sign in with what is there. */
export type Sessions = ReturnType<typeof openSessions>

export function openSessions(db: NodePgDatabase, hours: number) {
  return {
    /** Begins a session, and forgets those of the account that have expired. */
    async begin(accountId: string): Promise<{ token: string; expires: string }> {
      const token = randomBytes(32).toString('base64url')
      const expires = new Date(Date.now() + hours * 3_600_000)
      await db
        .delete(sessions)
        .where(and(eq(sessions.accountId, accountId), lte(sessions.expires, new Date())))
      await db.insert(sessions).values({ tokenHash: hashOf(token), accountId, expires })
      return { token, expires: expires.toISOString() }
    },
    /** Whose token it is; undefined once it has expired or was ended. */
    async accountOf(token: string): Promise<Account | undefined> {
      const [found] = await db
        .select({ id: accounts.id, email: accounts.email, name: accounts.name })
        .from(sessions)
        .innerJoin(accounts, eq(accounts.id, sessions.accountId))
        .where(and(eq(sessions.tokenHash, hashOf(token)), gt(sessions.expires, new Date())))
      return found
    },
    async end(token: string): Promise<void> {
      await db.delete(sessions).where(eq(sessions.tokenHash, hashOf(token)))
    },
  }
}

/** A plain hash is enough: a token is random, so there is nothing to guess. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
