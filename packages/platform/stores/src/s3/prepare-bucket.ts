import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { bucketSentence } from './s3-error.ts'
import type { S3Place } from './s3-place.ts'

const dayMs = 24 * 60 * 60 * 1000

/**
 * Sees whether a store can be used, and clears away what processes that were killed had begun to upload: no upload takes a
 * day.
 *
 * @param unfinishedMs the age from which uploads count as left behind @default a day
 * @throws Error whose message is one sentence: what is in the way, and what to do
 */
export async function prepareBucket(client: S3Client, place: S3Place, unfinishedMs = dayMs): Promise<void> {
  const below = { Bucket: place.bucket, Prefix: place.prefix }
  try {
    // In place of HeadBucket, whose answers have no body that says why.
    await client.send(new ListObjectsV2Command({ ...below, MaxKeys: 1 }))
  } catch (error) {
    throw new Error(bucketSentence(error, place), { cause: error })
  }
  // Not every server lists them, nor may everybody: then a rule of the bucket has to clear them.
  const { Uploads = [] } = await client
    .send(new ListMultipartUploadsCommand(below))
    .catch(() => ({ Uploads: [] }))
  for (const { Key, UploadId, Initiated } of Uploads)
    if (Key?.startsWith(place.prefix) && Initiated && Date.now() - Initiated.getTime() > unfinishedMs)
      await client
        .send(new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId }))
        .catch(() => {})
}
