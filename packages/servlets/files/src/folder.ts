import type { BlobInfo, Blobs } from '@atlas/sdk'

/** What is directly under a prefix: a blob, or a folder as the prefix of more. `end` is where the next one starts. */
export type Child =
  | { readonly kind: 'blob'; readonly blob: BlobInfo; readonly end: string }
  | { readonly kind: 'folder'; readonly prefix: string; readonly end: string }

/** Sorts behind everything in a folder: no path has this character, and there is no greater one. */
const last = '\u{10ffff}'

const batchSize = 1000

/** All blobs under a prefix, in order. */
export async function* blobsIn(blobs: Blobs, prefix: string): AsyncGenerator<BlobInfo> {
  for (let after = ''; ; ) {
    const batch = await blobs.list({ prefix, after, limit: batchSize })
    yield* batch
    if (batch.length < batchSize) return
    after = batch.at(-1)!.key
  }
}

/**
 * The children of a folder, in order of their keys. Of a folder in it only the first batch is ever seen, for the next
 * one starts behind it: listing what is above a million files takes two batches.
 */
export async function* childrenOf(blobs: Blobs, prefix: string, after = ''): AsyncGenerator<Child> {
  let inside: string | undefined
  let end = after
  for (;;) {
    const batch = await blobs.list({ prefix, after: end, limit: batchSize })
    for (const blob of batch) {
      if (inside !== undefined && blob.key.startsWith(inside)) continue
      const slash = blob.key.indexOf('/', prefix.length)
      inside = slash < 0 ? undefined : blob.key.slice(0, slash + 1)
      end = inside === undefined ? blob.key : inside + last
      yield inside === undefined ? { kind: 'blob', blob, end } : { kind: 'folder', prefix: inside, end }
    }
    if (batch.length < batchSize) return
  }
}
