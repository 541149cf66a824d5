import { mkdir, readFile, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeAtomically } from './write-atomically.ts'

/** Changes of files that are made all or, after a kill, made all by whoever comes next. Text, or null for no file. */
export interface FileChanges {
  /** The commit that they were worked out from. */
  readonly base: string
  /** A name for what they do, for messages. */
  readonly what: string
  /** By path relative to the root. */
  readonly files: Readonly<Record<string, string | null>>
}

const journal = '.atlas/release/journal.json'

/**
 * Writes down what will be changed, then changes it, then forgets it: at whatever instruction this is killed, either
 * nothing has changed or {@link finishChanges} completes it.
 */
export async function makeChanges(root: string, changes: FileChanges): Promise<void> {
  await beginChanges(root, changes)
  await forgetChanges(root)
}

/** The first part of {@link makeChanges}: what was written down stays until {@link forgetChanges}. */
export async function beginChanges(root: string, changes: FileChanges): Promise<void> {
  await writeAtomically(join(root, journal), JSON.stringify(changes))
  await apply(root, changes)
}

/** The last part of {@link makeChanges}. */
export async function forgetChanges(root: string): Promise<void> {
  await rm(join(root, journal), { force: true })
}

/**
 * Completes changes that were begun and not finished; resolves to them, or to undefined where there were none.
 *
 * @throws Error when the journal cannot be understood
 */
export async function finishChanges(root: string): Promise<FileChanges | undefined> {
  const changes = await changesBegun(root)
  if (changes === undefined) return undefined
  await apply(root, changes)
  await forgetChanges(root)
  return changes
}

/** Changes that were begun and not finished. @throws Error when the journal cannot be understood */
export async function changesBegun(root: string): Promise<FileChanges | undefined> {
  const text = await readFile(join(root, journal), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as FileChanges
  } catch (error) {
    throw new Error(`${journal} is no JSON (${(error as Error).message}); delete it and run git status`)
  }
}

async function apply(root: string, { files }: FileChanges): Promise<void> {
  for (const [file, after] of Object.entries(files)) {
    const at = join(root, file)
    if (after === null)
      await unlink(at).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    else {
      await mkdir(dirname(at), { recursive: true })
      await writeAtomically(at, after)
    }
  }
}
