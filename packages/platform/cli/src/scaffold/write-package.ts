import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeLeftovers } from '@atlas/release/workspace'
import { CommandError } from '../exit-code.ts'
import { exists, type NewFiles } from './new-files.ts'

/** A package that is not there yet. */
export interface NewPackage {
  /** Its folder relative to the root, `packages/servlets/links`. */
  readonly dir: string
  readonly files: NewFiles
}

/**
 * Writes a package so that it is there whole or not at all, whenever this is killed: in a folder that git ignores
 * first, which then gets its name.
 *
 * @param finish may add files to the folder, which is given relative to the root, before it gets its name
 * @throws CommandError where there is something already
 */
export async function writePackage(
  root: string,
  { dir, files }: NewPackage,
  finish: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  await refuseExisting(root, dir)
  // As deep in the workspace as its place, so that what it imports is found, and inside it, so that renaming is possible.
  const draft = `.atlas/new/package.${process.pid}.${randomUUID()}.tmp`
  await removeLeftovers(join(root, '.atlas/new'))
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, draft, path)), { recursive: true })
      await writeFile(join(root, draft, path), text)
    }
    await finish(draft)
    await mkdir(dirname(join(root, dir)), { recursive: true })
    // A folder that appeared meanwhile: only an empty one is replaced.
    await rename(join(root, draft), join(root, dir)).catch(async (error) => {
      await refuseExisting(root, dir)
      throw error
    })
  } finally {
    await rm(join(root, draft), { recursive: true, force: true })
  }
}

/** @throws CommandError when there is something at the path already */
export async function refuseExisting(root: string, path: string): Promise<void> {
  if (await exists(join(root, path)))
    throw new CommandError(`${path} exists already; choose another name, or change what is there`)
}
