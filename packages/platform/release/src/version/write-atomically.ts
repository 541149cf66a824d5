import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isRunning } from '../is-running.ts'

/**
 * Writes a file so that a reader, or whoever runs this again after it was killed, sees the old text or the new one.
 * Writing it again also removes what a killed run left beside it.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await removeLeftovers(dirname(path), basename(path))
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Removes what killed runs left in a folder. Another process may be writing there: only what processes left that are gone is left over.
 *
 * @param file only what was to become this file. @default all
 */
export async function removeLeftovers(folder: string, file?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, of, pid] = /^(.*)\.(\d+)\.[\da-f-]{36}\.tmp$/.exec(name) ?? []
    if (pid !== undefined && (file === undefined || of === file) && !isRunning(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true })
  }
}
