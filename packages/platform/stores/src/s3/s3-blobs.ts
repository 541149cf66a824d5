import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { AtlasError, type BytesSource, byteStream } from '@atlas/contract'
import { type BlobInfo, type Blobs, checkBlobKey, matchFailed, type PutOptions, queryCall } from '@atlas/sdk'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { keyOfObject, objectName } from './object-name.ts'
import { piecesOf } from './pieces.ts'
import { blobsError, statusOf } from './s3-error.ts'
import { infoOf, metadataOf } from './s3-facts.ts'
import type { S3Place } from './s3-place.ts'
import { upload } from './upload.ts'

/** So many objects of a list are asked for what is known of them at a time. */
const headsAtOnce = 16

/** The most names that S3 lists at a time. */
const pageLength = 1000

/**
 * A blobs store in a bucket. The bytes of a blob are those of its object; its name is {@link objectName} of the key; what S3 has
 * no place for is in one header (`s3-facts.ts`).
 *
 * @param store its name, for messages
 */
export function s3Blobs(client: S3Client, place: S3Place, store: string): Blobs {
  const at = (key: string) => ({ Bucket: place.bucket, Key: place.prefix + objectName(key) })
  /** Gives up with the call that it is made for. */
  const ending = () => {
    const signal = queryCall()?.signal
    return signal ? { abortSignal: signal } : {}
  }
  const failure = (error: unknown) => {
    const signal = queryCall()?.signal
    return signal?.aborted ? AtlasError.from(signal.reason) : blobsError(error, `store '${store}'`, place)
  }

  async function head(key: string) {
    if (!isKey(key)) return undefined
    try {
      return await client.send(new HeadObjectCommand(at(key)), ending())
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw failure(error)
    }
  }

  /** The object that a conditional write is to replace. @throws AtlasError when there is another, or none */
  async function matching(key: string, ifMatch: string | null) {
    const object = await head(key)
    if ((object ? infoOf(key, object).etag : null) !== ifMatch) throw matchFailed(key, ifMatch)
    return object?.ETag
  }

  async function put(key: string, source: BytesSource, options: PutOptions): Promise<BlobInfo> {
    checkBlobKey(key)
    const { ifMatch, metadata = {} } = options
    const stream = byteStream(source, { contentType: options.contentType })
    const facts = { etag: randomUUID(), modified: new Date().toISOString(), metadata }
    const object = { ...at(key), ContentType: stream.contentType, Metadata: metadataOf(key, facts) }
    const pieces = new Source(piecesOf(stream))
    const { value: first } = await pieces.next()
    if (!first) throw new Error('a stream has at least one piece')
    const replaced = ifMatch === undefined ? undefined : await matching(key, ifMatch)
    const condition =
      ifMatch === undefined ? {} : replaced === undefined ? { IfNoneMatch: '*' } : { IfMatch: replaced }
    let sizeBytes = first.bytes.byteLength
    try {
      // S3 compares ETags, which are the same for the same bytes sent in the same way: so they are sent in the other way.
      if (first.last && replaced !== `"${createHash('md5').update(first.bytes).digest('hex')}"`)
        await client.send(new PutObjectCommand({ ...object, ...condition, Body: first.bytes }), ending())
      else sizeBytes = await upload(client, { ...object, condition, first, rest: pieces })
    } catch (error) {
      if (ifMatch !== undefined && refusals.has(statusOf(error) ?? 0)) throw matchFailed(key, ifMatch)
      throw error === pieces.thrown ? error : failure(error)
    }
    return { key, sizeBytes, contentType: stream.contentType, ...facts, metadata: { ...metadata } }
  }

  return {
    put: (key, source, options = {}) => put(key, source, options),
    async get(key) {
      if (!isKey(key)) return undefined
      try {
        const object = await client.send(new GetObjectCommand(at(key)), ending())
        const info = infoOf(key, object)
        const body = Readable.toWeb(object.Body as Readable) as ReadableStream<Uint8Array>
        return { ...info, body: byteStream(body, info) }
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined
        throw failure(error)
      }
    },
    async head(key) {
      const object = await head(key)
      return object && infoOf(key, object)
    },
    async list({ prefix = '', after, limit = 1000 } = {}) {
      const found: BlobInfo[] = []
      let from = after
      while (found.length < limit) {
        const wanted = Math.min(limit - found.length, pageLength)
        const page = await client
          .send(
            new ListObjectsV2Command({
              Bucket: place.bucket,
              Prefix: place.prefix + objectName(prefix),
              ...(from === undefined ? {} : { StartAfter: place.prefix + objectName(from) }),
              MaxKeys: wanted,
            }),
            ending(),
          )
          .catch((error: unknown) => {
            throw failure(error)
          })
        const names = (page.Contents ?? []).map(({ Key = '' }) => Key.slice(place.prefix.length))
        const keys = names.flatMap((name) => keyOfObject(name) ?? [])
        // Names are all that a list has. Those that are deleted meanwhile are left out.
        for (let start = 0; start < keys.length; start += headsAtOnce) {
          const some = keys.slice(start, start + headsAtOnce)
          const objects = await Promise.all(some.map(head))
          for (const [index, object] of objects.entries())
            if (object) found.push(infoOf(some[index]!, object))
        }
        from = keys.at(-1)
        if (!page.IsTruncated || from === undefined) break
      }
      return found
    },
    async delete(key, { ifMatch } = {}) {
      const object = await head(key)
      if (!object) return false
      if (ifMatch !== undefined && infoOf(key, object).etag !== ifMatch) throw matchFailed(key, ifMatch)
      try {
        const condition = ifMatch === undefined ? {} : { IfMatch: object.ETag }
        await client.send(new DeleteObjectCommand({ ...at(key), ...condition }), ending())
        return true
      } catch (error) {
        if (ifMatch !== undefined && statusOf(error) === 404) return false
        if (ifMatch !== undefined && refusals.has(statusOf(error) ?? 0)) throw matchFailed(key, ifMatch)
        throw failure(error)
      }
    },
  }
}

/** What S3 says of a condition that does not hold: another object, one that changes just now, none. */
const refusals: ReadonlySet<number> = new Set([412, 409, 404])

function isKey(key: string): boolean {
  try {
    checkBlobKey(key)
    return true
  } catch {
    return false
  }
}

/** A source that remembers what it threw: that is the caller's own. */
class Source<T> implements AsyncIterable<T> {
  thrown: unknown
  readonly #of: AsyncIterator<T>

  constructor(of: AsyncIterator<T>) {
    this.#of = of
  }

  async next(): Promise<IteratorResult<T>> {
    try {
      return await this.#of.next()
    } catch (error) {
      this.thrown = error
      throw error
    }
  }

  async return(): Promise<IteratorResult<T>> {
    return (await this.#of.return?.()) ?? { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this
  }
}
