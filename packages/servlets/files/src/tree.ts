import { AtlasError, type ByteStream } from '@atlas/contract'
import type { BlobInfo, Blobs } from '@atlas/sdk'
import type { Entry, FileInfo } from './contract.ts'
import { blobsIn, childrenOf } from './folder.ts'

/** The files of one account, and nobody else's. */
export type Tree = ReturnType<typeof treeOf>

/** What a file must be when it is written: of this etag, or with `null` not there at all. */
export type IfMatch = string | null | undefined

export function treeOf(blobs: Blobs, accountId: string) {
  const root = `${accountId}/`
  const fileOf = ({ key, sizeBytes, contentType, etag, modified }: BlobInfo): FileInfo => {
    return { kind: 'file', path: key.slice(root.length), sizeBytes, contentType, etag, modified }
  }
  return {
    async stat(path: string): Promise<FileInfo | undefined> {
      const blob = await blobs.head(root + path)
      return blob && fileOf(blob)
    },
    /** A file and its bytes, which must be read or cancelled. */
    async read(path: string): Promise<{ file: FileInfo; body: ByteStream } | undefined> {
      const blob = await blobs.get(root + path)
      return blob && { file: fileOf(blob), body: blob.body }
    },
    /** The file as written, or undefined where it is not what `ifMatch` says. */
    async write(path: string, body: ByteStream, ifMatch?: IfMatch): Promise<FileInfo | undefined> {
      try {
        return fileOf(await blobs.put(root + path, body, ifMatch === undefined ? {} : { ifMatch }))
      } catch (error) {
        if (error instanceof AtlasError && error.code === 'failed_precondition') return undefined
        throw error
      }
    },
    /** Whether there was such a file, in the version `etag` where one is given. */
    async remove(path: string, etag?: string): Promise<boolean> {
      try {
        return await blobs.delete(root + path, { ifMatch: etag })
      } catch (error) {
        if (error instanceof AtlasError && error.code === 'failed_precondition') return false
        throw error
      }
    },

    /** Every file, in order. */
    async *files(): AsyncGenerator<FileInfo> {
      for await (const blob of blobsIn(blobs, root)) yield fileOf(blob)
    },
    /** What is directly in a folder, in order, from behind a cursor on. */
    async *list(folder: string | undefined, cursor = ''): AsyncGenerator<{ entry: Entry; cursor: string }> {
      const prefix = folder === undefined ? root : `${root}${folder}/`
      const after = cursor && root + Buffer.from(cursor, 'base64url').toString()
      for await (const child of childrenOf(blobs, prefix, after)) {
        const entry: Entry =
          child.kind === 'blob'
            ? fileOf(child.blob)
            : { kind: 'folder', path: child.prefix.slice(root.length, -1) }
        yield { entry, cursor: Buffer.from(child.end.slice(root.length)).toString('base64url') }
      }
    },
  }
}
