import { createHash, randomUUID } from 'node:crypto'
import { closeSync, createReadStream, openSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type BytesSource, byteStream } from '@atlas/contract'
import { isRunning } from '@atlas/postgres/is-running'
import {
  type BlobInfo,
  type Blobs,
  blobMetadataJson,
  checkBlobKey,
  compareKeys,
  matchFailed,
  type PutOptions,
} from '@atlas/sdk'
import { alone } from './alone.ts'
import { readInfoOf, trailerOf } from './blob-file.ts'

/**
 * A blobs store in a folder of this machine. Processes may share it: a servlet that is loaded again runs beside the one
 * before until that has drained.
 *
 * Files are named by a hash of the key, since keys may be longer than file names and `a` may exist beside `a/b`. A write
 * goes to a temporary file and is renamed, so that a process that is killed leaves the old blob or the new one. What is
 * known of a blob is at the end of its file; lists remember it for files that did not change.
 */
export async function folderBlobs(folder: string): Promise<Blobs> {
  const objects = join(folder, 'objects')
  const unfinished = join(folder, 'unfinished')
  await Promise.all([mkdir(objects, { recursive: true }), mkdir(unfinished, { recursive: true })])
  await clearUnfinished(unfinished)
  const fileOf = (key: string) => join(objects, createHash('sha256').update(key).digest('hex'))
  const listed = new Listed(objects)

  return {
    async put(key, source, options = {}) {
      checkBlobKey(key)
      blobMetadataJson(key, options.metadata ?? {})
      const temporary = join(unfinished, `${process.pid}-${randomUUID()}`)
      try {
        const info = await write(temporary, key, source, options)
        const { ifMatch } = options
        if (ifMatch === undefined) renameSync(temporary, fileOf(key))
        else
          await alone(`${join(unfinished, nameOf(fileOf(key)))}.lock`, () => {
            if ((infoAt(fileOf(key))?.etag ?? null) !== ifMatch) throw matchFailed(key, ifMatch)
            renameSync(temporary, fileOf(key))
          })
        return info
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async get(key) {
      // Opened once: what is read is the blob that `info` speaks of, whatever is written meanwhile.
      const fd = openIfThere(fileOf(key))
      if (fd === undefined) return undefined
      const info = readInfoOf(fd)
      if (!info || info.sizeBytes === 0) {
        closeSync(fd)
        return info && { ...info, body: byteStream(new Uint8Array(), info) }
      }
      const file = createReadStream('', { fd, start: 0, end: info.sizeBytes - 1 })
      return { ...info, body: byteStream(Readable.toWeb(file) as ReadableStream<Uint8Array>, info) }
    },
    async head(key) {
      return infoAt(fileOf(key))
    },
    async list({ prefix = '', after, limit = 1000 } = {}) {
      return (await listed.all())
        .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
        .slice(0, limit)
    },
    async delete(key, { ifMatch } = {}) {
      const file = fileOf(key)
      if (ifMatch === undefined) return unlinkIfThere(file)
      return alone(`${join(unfinished, nameOf(file))}.lock`, () => {
        const existing = infoAt(file)
        if (existing && existing.etag !== ifMatch) throw matchFailed(key, ifMatch)
        return unlinkIfThere(file)
      })
    },
  }
}

/** All blobs of a folder in the order of their keys. Only files that changed since the last time are read again. */
class Listed {
  readonly #objects: string
  readonly #known = new Map<string, { readonly version: string; readonly info: BlobInfo | undefined }>()
  #sorted: readonly BlobInfo[] = []

  constructor(objects: string) {
    this.#objects = objects
  }

  async all(): Promise<readonly BlobInfo[]> {
    const names = new Set(await readdir(this.#objects))
    let changed = false
    for (const name of this.#known.keys()) if (!names.has(name)) changed = this.#known.delete(name) || changed
    for (const name of names) {
      const path = join(this.#objects, name)
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
      if (!stat) {
        changed = this.#known.delete(name) || changed
        continue
      }
      // A write makes a new file, so this changes with every one.
      const version = `${stat.ino} ${stat.mtimeNs} ${stat.size}`
      if (this.#known.get(name)?.version === version) continue
      this.#known.set(name, { version, info: infoAt(path) })
      changed = true
    }
    if (changed)
      this.#sorted = [...this.#known.values()]
        .flatMap(({ info }) => info ?? [])
        .sort((a, b) => compareKeys(a.key, b.key))
    return this.#sorted
  }
}

/** Removes what processes that are gone were writing. */
async function clearUnfinished(unfinished: string): Promise<void> {
  for (const name of await readdir(unfinished))
    if (!isRunning(Number(name.split('-', 1)[0]))) await rm(join(unfinished, name), { force: true })
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

function infoAt(file: string): BlobInfo | undefined {
  const fd = openIfThere(file)
  if (fd === undefined) return undefined
  try {
    return readInfoOf(fd)
  } finally {
    closeSync(fd)
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    return whenGone(error)
  }
}

function unlinkIfThere(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch (error) {
    whenGone(error)
    return false
  }
}

function whenGone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

/** Unique to a write: metadata may change while the bytes do not. */
function etagOf(sha256: string): string {
  return `${sha256.slice(0, 32)}-${randomUUID().slice(0, 8)}`
}
