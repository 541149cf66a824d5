import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { childOf, childrenOf } from './children.ts'
import type { Change, Entry, FileInfo } from './contract.ts'
import { type Db, nextRevision } from './journal.ts'
import { changes, type FileRow, files, looseBytes, trees } from './schema.ts'

/** The files of one account, and nobody else's: where they are and what is known of them, but not their bytes. */
export type Tree = ReturnType<typeof treeOf>

/** Bytes that are in the store already, under the name `etag`. */
export interface Stored {
  readonly etag: string
  readonly sizeBytes: number
  readonly contentType: string
}

/** What becomes of a write. */
export type Written =
  | { readonly ok: true; readonly file: FileInfo; readonly replaced: string | undefined }
  | { readonly ok: false; readonly why: 'changed' | 'full' }

const batchSize = 1000

export function treeOf(db: NodePgDatabase, accountId: string) {
  const mine = eq(files.accountId, accountId)
  const record = (tx: Db, revision: number, what: Change) =>
    tx.insert(changes).values({ accountId, revision, at: new Date(), what })

  return {
    accountId,
    async stat(path: string): Promise<FileInfo | undefined> {
      const [row] = await db
        .select()
        .from(files)
        .where(and(mine, eq(files.path, path)))
      return row && fileOf(row)
    },
    async byId(id: string): Promise<FileInfo | undefined> {
      const [row] = await db
        .select()
        .from(files)
        .where(and(mine, eq(files.id, id)))
      return row && fileOf(row)
    },
    async usedBytes(): Promise<number> {
      const [tree] = await db.select().from(trees).where(eq(trees.accountId, accountId))
      return tree?.usedBytes ?? 0
    },

    /**
     * Makes stored bytes the file at a path, unless it is no longer what `ifMatch` says ('none': not there), or the tree
     * would have more than `quotaBytes`. Ids stay: links and copies elsewhere know a file by its id.
     */
    write(path: string, stored: Stored, quotaBytes: number, ifMatch?: string): Promise<Written> {
      return db.transaction(async (tx): Promise<Written> => {
        // Counted on also by what is refused below: revisions may have gaps.
        const { revision, usedBytes } = await nextRevision(tx, accountId)
        const [old] = await tx
          .select()
          .from(files)
          .where(and(mine, eq(files.path, path)))
        if (ifMatch !== undefined && ifMatch !== (old?.etag ?? 'none')) return { ok: false, why: 'changed' }
        const after = usedBytes + stored.sizeBytes - (old?.sizeBytes ?? 0)
        if (after > quotaBytes) return { ok: false, why: 'full' }
        // No longer loose; where somebody has taken them for left-overs meanwhile, they are gone.
        if ((await tx.delete(looseBytes).where(looseOf(accountId, stored.etag))).rowCount === 0)
          return { ok: false, why: 'changed' }
        if (old) await tx.insert(looseBytes).values({ accountId, etag: old.etag })
        const values = { path, ...stored, modified: new Date() }
        const [row] = old
          ? await tx.update(files).set(values).where(eq(files.id, old.id)).returning()
          : await tx
              .insert(files)
              .values({ id: randomUUID(), accountId, ...values })
              .returning()
        const file = fileOf(row!)
        await tx.update(trees).set({ usedBytes: after }).where(eq(trees.accountId, accountId))
        await record(tx, revision, { kind: 'written', file, isNew: old === undefined })
        return { ok: true, file, replaced: old?.etag }
      })
    },

    /** The moved file, or why it stays where it is. */
    move(from: string, to: string): Promise<FileInfo | 'noSuchFile' | 'taken'> {
      return db.transaction(async (tx) => {
        const { revision } = await nextRevision(tx, accountId)
        const rows = await tx
          .select()
          .from(files)
          .where(and(mine, inArray(files.path, [from, to])))
        const old = rows.find(({ path }) => path === from)
        if (!old) return 'noSuchFile'
        if (rows.some(({ path }) => path === to)) return 'taken'
        const [row] = await tx.update(files).set({ path: to }).where(eq(files.id, old.id)).returning()
        const file = fileOf(row!)
        await record(tx, revision, { kind: 'moved', file, from })
        return file
      })
    },

    /** The file that was removed. Its bytes are loose from now on. */
    remove(path: string): Promise<FileInfo | undefined> {
      return db.transaction(async (tx) => {
        const { revision, usedBytes } = await nextRevision(tx, accountId)
        const [row] = await tx
          .delete(files)
          .where(and(mine, eq(files.path, path)))
          .returning()
        if (!row) return undefined
        await tx.insert(looseBytes).values({ accountId, etag: row.etag })
        await tx
          .update(trees)
          .set({ usedBytes: usedBytes - row.sizeBytes })
          .where(eq(trees.accountId, accountId))
        await record(tx, revision, { kind: 'removed', fileId: row.id, path })
        return fileOf(row)
      })
    },

    /** Every file, in order. */
    async *files(): AsyncGenerator<FileInfo> {
      for (let after = ''; ; ) {
        const rows = await db
          .select()
          .from(files)
          .where(and(mine, gt(files.path, after)))
          .orderBy(asc(files.path))
          .limit(batchSize)
        yield* rows.map(fileOf)
        if (rows.length < batchSize) return
        after = rows.at(-1)!.path
      }
    },

    /** What is directly in a folder, in order, from behind `after` on; `end` is where to go on if there is more. */
    async list(
      folder: string | undefined,
      after: string,
      limit: number,
    ): Promise<{ entries: Entry[]; end: string | undefined }> {
      const found = await db.execute<{ path: string }>(childrenOf(accountId, folder, after, limit + 1))
      const children = found.rows.slice(0, limit).map(({ path }) => ({ path, ...childOf(path, folder) }))
      const paths = children.flatMap((child) => (child.folder === undefined ? [child.path] : []))
      const rows = await db
        .select()
        .from(files)
        .where(and(mine, inArray(files.path, paths)))
      const byPath = new Map(rows.map((row) => [row.path, fileOf(row)]))
      const entries = children.flatMap(({ path, folder }): Entry[] => {
        if (folder !== undefined) return [{ kind: 'folder', path: folder }]
        const file = byPath.get(path)
        return file ? [file] : [] // removed between the two queries
      })
      return { entries, end: found.rows.length > limit ? children.at(-1)?.end : undefined }
    },
  }
}

/** The row of bytes that belong to no file. */
export function looseOf(accountId: string, etag: string) {
  return and(eq(looseBytes.accountId, accountId), eq(looseBytes.etag, etag))
}

function fileOf({ id, path, sizeBytes, contentType, etag, modified }: FileRow): FileInfo {
  return { kind: 'file', id, path, sizeBytes, contentType, etag, modified: modified.toISOString() }
}
