import { createHash, randomBytes } from 'node:crypto'
import { documents } from '@acme/json-documents'
import type { Blobs } from '@atlas/sdk'
import * as z from 'zod'

const Session = z.object({ accountId: z.uuid(), expires: z.iso.datetime() })

/** The sessions. Tokens themselves are kept nowhere: who reads the store cannot sign in with what is there. */
export type Sessions = ReturnType<typeof openSessions>

export function openSessions(blobs: Blobs, hours: number) {
  const sessions = documents(blobs, Session, 'by-token')
  return {
    async begin(accountId: string): Promise<{ token: string; expires: string }> {
      const token = randomBytes(32).toString('base64url')
      const expires = new Date(Date.now() + hours * 3_600_000).toISOString()
      await sessions.create(tokenKey(token), { accountId, expires })
      return { token, expires }
    },
    /** The account that a token stands for; undefined once it has expired or was ended. */
    async accountOf(token: string): Promise<string | undefined> {
      const session = await sessions.get(tokenKey(token))
      if (!session) return undefined
      if (Date.parse(session.expires) > Date.now()) return session.accountId
      await sessions.delete(tokenKey(token))
      return undefined
    },
    async end(token: string): Promise<void> {
      await sessions.delete(tokenKey(token))
    },
  }
}

/** A plain hash is enough: a token is random, so there is nothing to guess. */
function tokenKey(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
