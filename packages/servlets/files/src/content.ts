import { randomUUID } from 'node:crypto'
import type { ByteStream } from '@atlas/contract'
import type { Blobs } from '@atlas/sdk'
import { and, eq, lt } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { looseBytes } from './schema.ts'
import { looseOf, type Stored } from './tree.ts'

/** After this long, an upload is not under way any more but was cut off. */
const cutOffMs = 3_600_000

/** The bytes of one account's files, each version under its etag. */
export type Content = ReturnType<typeof contentOf>

/**
 * Bytes are stored before the tree knows of them and removed after it has forgotten them, so a file always has its
 * bytes, wherever the process is stopped. What is loose is on a list meanwhile, and the next upload clears it up.
 */
export function contentOf(db: NodePgDatabase, blobs: Blobs, accountId: string) {
  const keyOf = (etag: string) => `${accountId}/${etag}`
  return {
    /** Stores bytes under a new etag. They are loose until the tree has a file for them. */
    async store(body: ByteStream): Promise<Stored> {
      const etag = randomUUID()
      await db.insert(looseBytes).values({ accountId, etag })
      try {
        const { sizeBytes, contentType } = await blobs.put(keyOf(etag), body)
        return { etag, sizeBytes, contentType }
      } catch (error) {
        await db.delete(looseBytes).where(looseOf(accountId, etag))
        throw error
      }
    },
    /** The bytes, which must be read or cancelled; undefined where they are gone. */
    async read(etag: string): Promise<ByteStream | undefined> {
      return (await blobs.get(keyOf(etag)))?.body
    },
    /** Removes loose bytes. */
    async drop(etag: string): Promise<void> {
      await blobs.delete(keyOf(etag))
      await db.delete(looseBytes).where(looseOf(accountId, etag))
    },
    /** Removes what was cut off: uploads that never ended and removals that did not get this far. */
    async clearUp(): Promise<void> {
      const old = lt(looseBytes.since, new Date(Date.now() - cutOffMs))
      const loose = await db
        .select()
        .from(looseBytes)
        .where(and(eq(looseBytes.accountId, accountId), old))
      for (const { etag } of loose) {
        // The list first: then an upload that is still under way sees that its bytes are gone.
        await db.delete(looseBytes).where(looseOf(accountId, etag))
        await blobs.delete(keyOf(etag))
      }
    },
  }
}
