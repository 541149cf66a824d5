import { type BlobInfo, blobMetadataJson } from '@atlas/sdk'

/** What is kept beside the bytes of an object because S3 has no place for it, as JSON in one header. */
interface Facts {
  /** S3's own ETag is the same for the same bytes; a blob's changes with every write. */
  readonly etag: string
  /** S3's own has whole seconds only, and is not known before it is asked for. */
  readonly modified: string
  readonly metadata: Readonly<Record<string, string>>
}

/** The name of the header, after `x-amz-meta-`. */
const header = 'atlas'

/** Metadata of an object for what is known of a blob. @throws AtlasError when it has more than objects can have */
export function metadataOf(key: string, { etag, modified, metadata }: Facts): Record<string, string> {
  // Put together from pieces that are ASCII already.
  const text = `{"etag":"${etag}","modified":"${modified}","metadata":${blobMetadataJson(key, metadata)}}`
  return { [header]: text }
}

/** What S3 says of an object. */
export interface ObjectHead {
  readonly ETag?: string | undefined
  readonly ContentLength?: number | undefined
  readonly ContentType?: string | undefined
  readonly LastModified?: Date | undefined
  readonly Metadata?: Record<string, string> | undefined
}

/** What is known of a blob. Of an object that others put there, what S3 says. */
export function infoOf(key: string, object: ObjectHead): BlobInfo {
  const { [header]: text, ...others } = object.Metadata ?? {}
  const facts = text === undefined ? undefined : readFacts(text)
  return {
    key,
    sizeBytes: object.ContentLength ?? 0,
    contentType: object.ContentType ?? 'application/octet-stream',
    etag: facts?.etag ?? (object.ETag ?? '').replaceAll('"', ''),
    modified: facts?.modified ?? (object.LastModified ?? new Date(0)).toISOString(),
    metadata: facts?.metadata ?? others,
  }
}

function readFacts(text: string): Facts | undefined {
  try {
    const facts = JSON.parse(text) as Partial<Facts> | null
    if (typeof facts?.etag !== 'string' || typeof facts.modified !== 'string') return undefined
    return { etag: facts.etag, modified: facts.modified, metadata: facts.metadata ?? {} }
  } catch {
    return undefined
  }
}
