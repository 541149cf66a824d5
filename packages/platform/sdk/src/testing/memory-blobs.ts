import { byteStream } from '@atlas/contract'
import { blobMetadataJson, checkBlobKey, compareKeys, matchFailed } from '../stores/blob-key.ts'
import type { BlobInfo, Blobs } from '../stores/blobs.ts'

/** A blobs store that lives as long as the test. */
export function memoryBlobs(): Blobs {
  const blobs = new Map<string, { info: BlobInfo; bytes: Uint8Array<ArrayBuffer> }>()
  let writes = 0
  return {
    async put(key, source, options = {}) {
      checkBlobKey(key)
      const { contentType, metadata = {}, ifMatch } = options
      blobMetadataJson(key, metadata)
      const stream = byteStream(source, { contentType })
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
      // Checked after reading, in one step with the write, as a store on disk does it.
      const existing = blobs.get(key)?.info
      if (ifMatch !== undefined && (existing?.etag ?? null) !== ifMatch) throw matchFailed(key, ifMatch)
      const info: BlobInfo = Object.freeze({
        key,
        sizeBytes: bytes.byteLength,
        contentType: stream.contentType,
        etag: String(++writes),
        modified: new Date().toISOString(),
        metadata: Object.freeze({ ...metadata }),
      })
      blobs.set(key, { info, bytes })
      return info
    },
    async get(key) {
      const blob = blobs.get(key)
      return blob && { ...blob.info, body: byteStream(new Blob([blob.bytes]).stream(), blob.info) }
    },
    async head(key) {
      return blobs.get(key)?.info
    },
    async list({ prefix = '', after, limit = 1000 } = {}) {
      return [...blobs.values()]
        .map(({ info }) => info)
        .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0))
        .sort((a, b) => compareKeys(a.key, b.key))
        .slice(0, limit)
    },
    async delete(key, { ifMatch } = {}) {
      const existing = blobs.get(key)?.info
      if (existing && ifMatch !== undefined && existing.etag !== ifMatch) throw matchFailed(key, ifMatch)
      return blobs.delete(key)
    },
  }
}
