// What is loaded together by those whose blobs are in a bucket.

import type { OpenedStore } from '../opened-store.ts'
import { prepareBucket } from './prepare-bucket.ts'
import { s3Blobs } from './s3-blobs.ts'
import { s3Client } from './s3-client.ts'
import type { S3Place } from './s3-place.ts'

export type { S3Place } from './s3-place.ts'

/** Opens the blobs of a store in a bucket. Nothing is asked of the server before the first use. @param store its name, for messages */
export function s3Store(place: S3Place, store: string): OpenedStore {
  const client = s3Client(place)
  return { store: s3Blobs(client, place, store), close: async () => client.destroy() }
}

/**
 * Sees whether the blobs of a store can be used, and clears away what processes that were killed had begun.
 *
 * @throws Error whose message is one sentence: what is in the way, and what to do
 */
export async function prepareS3(place: S3Place): Promise<void> {
  const client = s3Client(place)
  try {
    await prepareBucket(client, place)
  } finally {
    client.destroy()
  }
}
