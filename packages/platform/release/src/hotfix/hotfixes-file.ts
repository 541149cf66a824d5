import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** Where hotfixes stand that no ordinary release contains yet, relative to the root. Only `atlas hotfix` and releases write it. */
export const hotfixesFile = 'infra/hotfixes.json'

const schema = z.record(
  z.string(),
  z.array(z.strictObject({ version: z.string(), from: z.string(), commit: z.string() })).min(1),
)

/** A hotfix: a release that was made from an earlier one, beside the branch that releases are made from. */
export interface Hotfix {
  readonly version: string
  /** The version that it was made from. */
  readonly from: string
  /** The last commit of the fix itself; the one after it only writes the version. */
  readonly commit: string
}

/**
 * Hotfixes by servlet, oldest first.
 *
 * @throws Error that says what is wrong with the file
 */
export async function readHotfixes(root: string): Promise<Record<string, readonly Hotfix[]>> {
  const text = await readFile(join(root, hotfixesFile), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const remedy = `atlas hotfix writes it; restore it with git checkout HEAD -- ${hotfixesFile}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${hotfixesFile} is no JSON (${(error as Error).message}); ${remedy}`)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`${hotfixesFile}: ${issue?.path.join('.')} ${issue?.message}; ${remedy}`)
}

/** The text of the file: a servlet on each line. */
export function hotfixesText(hotfixes: Readonly<Record<string, readonly Hotfix[]>>): string {
  const names = Object.keys(hotfixes).sort()
  if (names.length === 0) return '{}\n'
  return `{\n${names.map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(hotfixes[name])}`).join(',\n')}\n}\n`
}
