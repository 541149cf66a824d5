import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, openSync, renameSync, unlinkSync } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type BytesSource, byteStream } from '@atlas/contract'
import {
  type BlobInfo,
  type Blobs,
  checkBlobKey,
  compareKeys,
  matchFailed,
  type PutOptions,
} from '@atlas/sdk'
import { readInfo, trailerOf } from './blob-file.ts'

/**
 * A blobs store in a folder of this machine, for one process at a time.
 *
 * Files are named by a hash of the key, since keys may be longer than file names and `a` may exist beside `a/b`. What is
 * known of all blobs is read once and kept in memory. A write goes to a temporary file and is renamed, so that a process
 * that is killed leaves the old blob or the new one.
 */
export async function folderBlobs(folder: string): Promise<Blobs> {
  const objects = join(folder, 'objects')
  const unfinished = join(folder, 'unfinished')
  await rm(unfinished, { recursive: true, force: true })
  await Promise.all([mkdir(objects, { recursive: true }), mkdir(unfinished, { recursive: true })])
  const known = await readAll(objects)
  const fileOf = (key: string) => join(objects, createHash('sha256').update(key).digest('hex'))

  return {
    async put(key, source, options = {}) {
      checkBlobKey(key)
      const temporary = join(unfinished, randomUUID())
      try {
        const info = await write(temporary, key, source, options)
        const { ifMatch } = options
        // From here to the rename nothing waits, so no other write can come between.
        if (ifMatch !== undefined && (known.get(key)?.etag ?? null) !== ifMatch)
          throw matchFailed(key, ifMatch)
        renameSync(temporary, fileOf(key))
        known.set(key, info)
        return info
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async get(key) {
      const info = known.get(key)
      if (!info) return undefined
      // Opened at once: what is read is the blob that `info` speaks of, whatever is written meanwhile.
      const fd = openSync(fileOf(key), 'r')
      if (info.sizeBytes === 0) {
        createReadStream('', { fd }).destroy()
        return { ...info, body: byteStream(new Uint8Array(), info) }
      }
      const file = createReadStream('', { fd, start: 0, end: info.sizeBytes - 1 })
      return { ...info, body: byteStream(Readable.toWeb(file) as ReadableStream<Uint8Array>, info) }
    },
    async head(key) {
      return known.get(key)
    },
    async list({ prefix = '', after, limit = 1000 } = {}) {
      return [...known.values()]
        .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
        .sort((a, b) => compareKeys(a.key, b.key))
        .slice(0, limit)
    },
    async delete(key, { ifMatch } = {}) {
      const existing = known.get(key)
      if (existing && ifMatch !== undefined && existing.etag !== ifMatch) throw matchFailed(key, ifMatch)
      if (!known.delete(key)) return false
      unlinkSync(fileOf(key))
      return true
    },
  }
}

async function readAll(objects: string): Promise<Map<string, BlobInfo>> {
  const known = new Map<string, BlobInfo>()
  for (const name of await readdir(objects)) {
    const info = await readInfo(join(objects, name))
    if (info) known.set(info.key, info)
  }
  return known
}

async function write(path: string, key: string, source: BytesSource, options: PutOptions): Promise<BlobInfo> {
  const stream = byteStream(source, { contentType: options.contentType })
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  try {
    let sizeBytes = 0
    for await (const chunk of stream) {
      hash.update(chunk)
      sizeBytes += chunk.byteLength
      await file.writeFile(chunk)
    }
    const info: BlobInfo = {
      key,
      sizeBytes,
      contentType: stream.contentType,
      etag: etagOf(hash.digest('hex')),
      modified: new Date().toISOString(),
      metadata: { ...options.metadata },
    }
    await file.writeFile(trailerOf(info))
    return info
  } finally {
    await file.close()
  }
}

/** Unique to a write: metadata may change while the bytes do not. */
function etagOf(sha256: string): string {
  return `${sha256.slice(0, 32)}-${randomUUID().slice(0, 8)}`
}
