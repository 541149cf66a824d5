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
  await removeLeftovers(path)
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, text)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Another process may be writing the same file: only files of processes that are gone are left over. */
async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue
    const pid = /^(\d+)\.[\da-f-]{36}\.tmp$/.exec(name.slice(prefix.length))?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(dirname(path), name), { force: true })
  }
}
