import * as z from 'zod'
import { sha256 } from '../bundle/digest.ts'
import type { Descriptor, Manifest } from '../registry/media-types.ts'
import { mediaTypes } from '../registry/media-types.ts'
import type { Repository } from '../registry/repository.ts'

/** What referrers of an image are. */
export const artifactTypes = {
  record: 'application/vnd.atlas.release.v1+json',
  verdict: 'application/vnd.atlas.verdict.v1+json',
} as const

const step = z.enum(['none', 'patch', 'minor', 'major'])

const ReleaseRecordSchema = z.object({
  servlet: z.string(),
  package: z.string(),
  version: z.string(),
  commit: z.string(),
  /** The digest of the bundle. */
  content: z.string(),
  /** The digest of the image. */
  image: z.string(),
  /** The digest of the interface document. */
  interface: z.string(),
  platform: z.object({ node: z.string(), base: z.string(), runtime: z.string() }),
  builtAgainst: z.record(z.string(), z.string()),
  externals: z.record(z.string(), z.string()),
  vetting: z.object({
    tests: z.array(z.string()),
    interface: z.object({ proven: step, released: step }),
    approvedBy: z.array(z.string()).optional(),
  }),
})

/** What a release was built from and against, and how it was vetted. It never changes. */
export type ReleaseRecord = z.infer<typeof ReleaseRecordSchema>

const VerdictSchema = z.object({
  environment: z.string(),
  verdict: z.enum(['promoted', 'rolled-back', 'held']),
  /** ISO 8601. */
  at: z.string(),
  reason: z.string(),
  /** What the judge saw. */
  evidence: z.record(z.string(), z.unknown()).optional(),
})

/** What became of a release in an environment. */
export type Verdict = z.infer<typeof VerdictSchema>

/** A release as its registry knows it. */
export interface RecordedRelease {
  readonly record: ReleaseRecord
  /** The digest of the record. */
  readonly digest: string
  readonly verdicts: readonly Verdict[]
}

/** Something in JSON that refers to an image. */
export async function attach(
  repository: Repository,
  subject: Descriptor,
  what: {
    readonly artifactType: string
    readonly value: object
    readonly annotations?: Record<string, string>
  },
): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(what.value))
  const empty = Buffer.from('{}')
  const layer = { mediaType: what.artifactType, digest: sha256(bytes), size: bytes.length }
  const config = { mediaType: mediaTypes.empty, digest: sha256(empty), size: empty.length }
  await repository.pushBlob({ ...layer, open: async () => new Blob([bytes]) })
  await repository.pushBlob({ ...config, open: async () => new Blob([empty]) })
  const { mediaType, digest, size } = subject
  return repository.putReferrer({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: what.artifactType,
    config,
    layers: [layer],
    subject: { mediaType, digest, size },
    ...(what.annotations && { annotations: what.annotations }),
  })
}

/** Attaches the record of a release to its image. The same record again changes nothing. */
export function attachRecord(
  repository: Repository,
  subject: Descriptor,
  record: ReleaseRecord,
): Promise<string> {
  return attach(repository, subject, { artifactType: artifactTypes.record, value: record })
}

/** The record of the release of an image, and the verdicts since; undefined for an image that no release made. */
export async function readRecord(
  repository: Repository,
  image: string,
): Promise<RecordedRelease | undefined> {
  const referrers = await repository.referrers(image)
  const found = referrers.find(({ artifactType }) => artifactType === artifactTypes.record)
  if (found === undefined) return undefined
  const verdicts = await Promise.all(
    referrers
      .filter(({ artifactType }) => artifactType === artifactTypes.verdict)
      .map(async ({ digest }) => VerdictSchema.parse(await contentOf(repository, digest))),
  )
  return {
    record: ReleaseRecordSchema.parse(await contentOf(repository, found.digest)),
    digest: found.digest,
    verdicts: verdicts.sort((a, b) => (a.at < b.at ? -1 : 1)),
  }
}

/**
 * Adds what became of a release. Records are not changed: verdicts lie beside them, and the same one twice is one.
 *
 * @param image the digest of the image
 * @throws TypeError when there is no such image
 */
export async function attachVerdict(
  repository: Repository,
  image: string,
  verdict: Verdict,
): Promise<string> {
  const found = await repository.manifest(image)
  if (found === undefined)
    throw new TypeError(`${repository.name} has no image ${image}; is it of another registry?`)
  const subject = { mediaType: found.mediaType, digest: image, size: found.bytes.length }
  return attach(repository, subject, {
    artifactType: artifactTypes.verdict,
    value: VerdictSchema.parse(verdict),
    annotations: {
      'org.opencontainers.image.created': verdict.at,
      'dev.atlas.environment': verdict.environment,
    },
  })
}

async function contentOf(repository: Repository, digest: string): Promise<unknown> {
  const manifest = await repository.manifest(digest)
  const [layer] = (manifest?.value as Manifest | undefined)?.layers ?? []
  if (layer === undefined)
    throw new TypeError(`${repository.name}@${digest} is listed as a referrer and has nothing in it`)
  return JSON.parse(Buffer.from(await repository.blob(layer.digest)).toString('utf8'))
}
