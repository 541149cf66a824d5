import type { ByteStream, BytesSource } from '@atlas/contract'

/** What is known of a blob without reading it. */
export interface BlobInfo {
  readonly key: string
  readonly sizeBytes: number
  readonly contentType: string
  /** Changes with every write. */
  readonly etag: string
  /** When it was written, ISO 8601. */
  readonly modified: string
  /** Small facts kept beside the bytes: 1,800 bytes as JSON in ASCII. */
  readonly metadata: Readonly<Record<string, string>>
}

/** A blob and its bytes. */
export interface Blob extends BlobInfo {
  readonly body: ByteStream
}

/** Options of {@link Blobs.put}. */
export interface PutOptions {
  /** @default the source's own type */
  readonly contentType?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Write only if the blob has this etag, or with `null` only if there is none: what a concurrent writer needs. */
  readonly ifMatch?: string | null | undefined
}

/** Options of {@link Blobs.list}. */
export interface ListOptions {
  /** Keys that start with this. @default all */
  readonly prefix?: string | undefined
  /** Keys after this one, in order of their UTF-8 bytes. */
  readonly after?: string | undefined
  /** @default 1000 */
  readonly limit?: number | undefined
}

/**
 * A store of bytes under keys, of one servlet alone (`"stores": { "content": { "blobs": {} } }`). Keys are paths of
 * printable characters, up to 400 bytes; under any other key nothing can be put, so nothing is found. Writes are atomic:
 * a reader sees the old blob or the new one, and goes on reading the old one after it was replaced or deleted.
 *
 * `blobsSuite` of `@atlas/sdk/testing/blobs-suite` is what every implementation must pass.
 */
export interface Blobs {
  /**
   * Reads the source to its end, then writes. A source that fails leaves the store as it was.
   *
   * @throws AtlasError `failed_precondition` when `ifMatch` does not hold, `invalid_argument` for a key that is no path or
   * metadata that is too large
   */
  put(key: string, source: BytesSource, options?: PutOptions): Promise<BlobInfo>
  /** The blob, or undefined where there is none. Its body must be read or cancelled. */
  get(key: string): Promise<Blob | undefined>
  head(key: string): Promise<BlobInfo | undefined>
  /** In order of the keys' UTF-8 bytes. */
  list(options?: ListOptions): Promise<readonly BlobInfo[]>
  /**
   * Says whether there was one. With `ifMatch`, deletes only the blob with that etag.
   *
   * @throws AtlasError `failed_precondition` when there is another
   */
  delete(key: string, options?: { readonly ifMatch?: string | undefined }): Promise<boolean>
}
