import { randomBytes } from 'node:crypto'
import { documents } from '@acme/json-documents'
import type { Blobs } from '@atlas/sdk'
import * as z from 'zod'
import { FilePath } from './file-path.ts'

const Share = z.object({ ownerId: z.uuid(), path: FilePath, downloads: z.int() })
export type Share = z.infer<typeof Share>

/** Files that others may read: whose they are, and where they are in the owner's tree. */
export function openShares(blobs: Blobs) {
  const shares = documents(blobs, Share, 'shares')
  return {
    /** The id of a new share. Nobody can guess it. */
    async create(ownerId: string, path: string): Promise<string> {
      const id = randomBytes(16).toString('base64url')
      await shares.create(id, { ownerId, path, downloads: 0 })
      return id
    },
    find: (id: string): Promise<Share | undefined> => shares.get(id),
    /** The share, counted as downloaded once more. */
    countDownload: (id: string): Promise<Share | undefined> =>
      shares.update(id, (share) => ({ ...share, downloads: share.downloads + 1 })),
  }
}
