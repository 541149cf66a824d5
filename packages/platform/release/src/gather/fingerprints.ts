import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../git/git.ts'

/**
 * A digest of the files of each folder, from what git knows of them: nothing is read but what differs from the index.
 * Files that git ignores do not count, nor do tests, README.md and CHANGELOG.md, and of package.json all but its version.
 *
 * @param dirs relative to the root
 * @throws Error where there is no git
 */
export async function fingerprints(root: string, dirs: readonly string[]): Promise<Map<string, string>> {
  const [index, changed, untracked] = await Promise.all(
    [
      ['ls-files', '--stage', '-z'],
      ['diff-files', '--name-only', '--relative', '-z'],
      ['ls-files', '--others', '--exclude-standard', '-z'],
    ].map((args) => git(root, args)),
  )
  if (!index!.ok)
    throw new Error(
      `${root} is in no git repository (${index!.stderr}): releases are made from commits; run git init and commit`,
    )
  const blobs = new Map<string, string>()
  for (const line of index!.stdout.split('\0')) {
    const tab = line.indexOf('\t')
    if (tab > 0) blobs.set(line.slice(tab + 1), line.slice(7, tab))
  }
  const owned = new Set(dirs)
  const differing = [...split(changed!.stdout), ...split(untracked!.stdout)]
  const manifests = dirs.map((dir) => `${dir}/package.json`)
  await Promise.all(
    [...new Set([...differing, ...manifests])].map(async (file) => {
      if (!dirOf(file, owned)) return
      const bytes = await readFile(join(root, file)).catch(() => undefined)
      if (bytes === undefined) blobs.delete(file)
      else blobs.set(file, file.endsWith('/package.json') ? manifestId(bytes) : blobId(bytes))
    }),
  )
  const lines = new Map<string, string[]>(dirs.map((dir) => [dir, []]))
  for (const [file, id] of blobs) {
    const dir = dirOf(file, owned)
    if (dir !== undefined && counts(file.slice(dir.length + 1))) lines.get(dir)!.push(`${file} ${id}`)
  }
  return new Map([...lines].map(([dir, each]) => [dir, digest(each.sort().join('\n'))]))
}

/** Whether a file of a package may have to do with what is deployed. */
function counts(file: string): boolean {
  return file !== 'README.md' && file !== 'CHANGELOG.md' && !/\.test(-d)?\.tsx?$/.test(file)
}

/** The innermost of some folders that a file is in. */
function dirOf(file: string, dirs: ReadonlySet<string>): string | undefined {
  for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
    const dir = file.slice(0, end)
    if (dirs.has(dir)) return dir
  }
  return undefined
}

function split(text: string): string[] {
  return text.split('\0').filter((each) => each !== '')
}

/** The name that git has for a blob, `<id> 0` as in the index. */
function blobId(bytes: Buffer): string {
  return `${createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')} 0`
}

function manifestId(bytes: Buffer): string {
  try {
    const { version: _, ...rest } = JSON.parse(bytes.toString()) as Record<string, unknown>
    return digest(JSON.stringify(rest))
  } catch {
    return digest(bytes)
  }
}

/** A digest that is short enough to be read in a diff. */
export function digest(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
