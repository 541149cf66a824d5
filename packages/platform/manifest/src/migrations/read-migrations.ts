import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigrationFile } from './migration.ts'

/**
 * The files of a servlet's migrations by store: `DIR/migrations/STORE/*`. Where there are none, none: a store may have no
 * tables yet.
 *
 * @param root what the files are named relative to
 * @param dir the servlet's folder in it
 */
export async function readMigrations(
  root: string,
  dir: string,
): Promise<Readonly<Record<string, readonly MigrationFile[]>>> {
  const at = dir === '' ? 'migrations' : `${dir}/migrations`
  const stores = await entries(join(root, at))
  const read = await Promise.all(
    stores.map(async (store) => {
      if (!store.isDirectory()) return undefined
      const files = (await entries(join(root, at, store.name))).filter(({ name }) => !name.startsWith('.'))
      const texts = files.map(async ({ name }) => {
        const file = `${at}/${store.name}/${name}`
        const text = await readFile(join(root, file), 'utf8').catch(whenFolder)
        return { name, file, text }
      })
      return [store.name, await Promise.all(texts)] as const
    }),
  )
  return Object.fromEntries(read.filter((each) => each !== undefined))
}

async function entries(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

/** A folder among the files has a name that is no migration's, which is reported. */
function whenFolder(error: NodeJS.ErrnoException): string {
  if (error.code === 'EISDIR') return ''
  throw error
}
