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
  await writeAtomically(join(root, journal), JSON.stringify(changes))
  await finishChanges(root)
}

/**
 * Completes changes that were begun and not finished; resolves to them, or to undefined where there were none.
 *
 * @throws Error when the journal cannot be understood
 */
export async function finishChanges(root: string): Promise<FileChanges | undefined> {
  const path = join(root, journal)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  let changes: FileChanges
  try {
    changes = JSON.parse(text) as FileChanges
  } catch (error) {
    throw new Error(`${journal} is no JSON (${(error as Error).message}); delete it and run git status`)
  }
  for (const [file, after] of Object.entries(changes.files)) {
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
  await rm(path, { force: true })
  return changes
}
