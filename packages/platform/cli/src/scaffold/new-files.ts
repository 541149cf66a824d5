import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '@atlas/release/write-atomically'

/** Files to write, by path relative to some folder. */
export type NewFiles = Readonly<Record<string, string>>

/** Writes the files that do not exist, and says which it wrote: what somebody has written is never replaced. */
export async function writeMissing(folder: string, files: NewFiles): Promise<string[]> {
  const written: string[] = []
  for (const [path, text] of Object.entries(files)) {
    if (await exists(join(folder, path))) continue
    await writeAtomically(join(folder, path), text)
    written.push(path)
  }
  return written
}

/** Whether there is anything at a path. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
