import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { sha256 } from '../../bundle/digest.ts'
import { parseReference } from '../../registry/reference.ts'

/** Where a workspace says what its images stand on, relative to its root. */
export const baseImageFile = 'infra/base-image.json'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no digest: sha256: and 64 hexadecimal digits')

/** An image of others that has Node. */
const FromImage = z.strictObject({
  $schema: z.string().optional(),
  image: z.string().regex(/@sha256:[0-9a-f]{64}$/, 'names no digest; a tag may be another image tomorrow'),
  /** The version of Node in it. */
  node: z.string().regex(/^\d+\.\d+\.\d+$/),
})

/** Node from npm, on the libraries of a Debian release that it needs. */
const FromDebian = z.strictObject({
  $schema: z.string().optional(),
  debian: z.string().regex(/^[a-z]+$/),
  /** The architecture in Debian's words, `amd64`. */
  architecture: z.string(),
  packages: z.record(z.string(), z.strictObject({ version: z.string(), sha256: digest })),
})

/** What the images of a workspace stand on. */
export type BaseImage = z.infer<typeof FromImage> | z.infer<typeof FromDebian>
/** A base image that is made here. */
export type DebianBase = z.infer<typeof FromDebian>

/** The base of a workspace's images is not said, or not in a way that can be used. */
export class BaseImageError extends Error {
  override readonly name = 'BaseImageError'
}

/** Reads what the images of a workspace stand on; undefined where it does not say. @throws BaseImageError when it is damaged */
export async function readBaseImage(root: string): Promise<BaseImage | undefined> {
  let text: string
  try {
    text = await readFile(join(root, baseImageFile), 'utf8')
  } catch {
    return undefined
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BaseImageError(
      `${baseImageFile} is no JSON: ${(error as Error).message}; correct it, or make it anew: npx atlas image --pin`,
    )
  }
  const parsed = (
    typeof value === 'object' && value !== null && 'image' in value ? FromImage : FromDebian
  ).safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new BaseImageError(
      `${baseImageFile}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}; correct it, or make it anew: npx atlas image --pin`,
    )
  }
  const base = parsed.data
  if ('image' in base) parseReference(base.image)
  return base
}

/** The base in one word: what changes when it changes. */
export function baseId(base: BaseImage | undefined): string {
  if (base === undefined) return 'unpinned'
  if ('image' in base) return base.image.slice(base.image.indexOf('@') + 1)
  const { debian, architecture, packages } = base
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(JSON.stringify([debian, architecture, sorted]))
}
