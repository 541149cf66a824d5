import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Released } from '../plan/facts.ts'

/** Where the last release of each servlet stands, relative to the root. Only releases write it. */
export const releasesFile = 'infra/releases.json'

const bump = z.enum(['none', 'patch', 'minor', 'major'])

const schema = z.record(
  z.string(),
  z.strictObject({
    version: z.string(),
    content: z.string(),
    sources: z.string(),
    platform: z.strictObject({ node: z.string(), base: z.string(), runtime: z.string() }),
    vetting: z
      .strictObject({
        tests: z.array(z.string()),
        interface: z.strictObject({ proven: bump, released: bump }),
        approvedBy: z.array(z.string()).exactOptional(),
      })
      .exactOptional(),
  }),
)

/** Reads `infra/releases.json`; nothing was released where there is none.
 *
 * @throws Error that says what is wrong with it
 */
export async function readReleases(root: string): Promise<Record<string, Released>> {
  const text = await readFile(join(root, releasesFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return parseReleases(text)
}

/** @throws Error that says what is wrong with it */
export function parseReleases(text: string): Record<string, Released> {
  const remedy = `releases write it; restore it with git checkout HEAD -- ${releasesFile}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${releasesFile} is no JSON (${(error as Error).message}); ${remedy}`)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${releasesFile}: ${issue?.path.join('.')} ${issue?.message}; ${remedy}`)
}

/** The text of it: a servlet on each line, so that branches which release different ones can be merged. */
export function releasesText(releases: Readonly<Record<string, Released>>): string {
  const names = Object.keys(releases).sort()
  if (names.length === 0) return '{}\n'
  return `{\n${names.map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(releases[name])}`).join(',\n')}\n}\n`
}
