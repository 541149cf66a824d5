import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../exit-code.ts'
import { writeAtomically } from '../workspace/write-atomically.ts'

/** Files to write, by path relative to some folder. */
export type NewFiles = Readonly<Record<string, string>>

/** A JSON file as everybody formats it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

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

/** @throws CommandError when there is something at the path already */
export async function refuseExisting(root: string, path: string, remedy: string): Promise<void> {
  if (await exists(join(root, path))) throw new CommandError(`${path} exists already; ${remedy}`)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
