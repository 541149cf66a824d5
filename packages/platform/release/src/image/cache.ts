import { createHash, randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { BlobSource } from '../registry/repository.ts'

/** Where layers are kept that take long to make, for all workspaces of this user. Nothing in it is needed: it is made again. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'atlas', 'images')
}

/** A layer of an image: a compressed tar. */
export interface Layer extends BlobSource {
  /** The digest of the tar without compression, which the config of an image names. */
  readonly diffId: string
}

/** What is known of a layer in the cache. */
interface Kept {
  readonly digest: string
  readonly diffId: string
  readonly size: number
}

/**
 * A layer that depends on `key` alone. Whoever is killed while he makes it leaves nothing that another takes for whole.
 *
 * @param make writes the layer to the file it is given
 */
export async function keptLayer(key: string, make: (file: string) => Promise<Kept>): Promise<Layer> {
  const folder = join(cacheFolder(), createHash('sha256').update(key).digest('hex'))
  const layer = join(folder, 'layer.tar.gz')
  const known = await readKept(folder)
  if (known) return { ...known, open: () => openAsBlob(layer) }
  const temporary = `${folder}.${randomUUID()}`
  await mkdir(temporary, { recursive: true })
  try {
    const made = await make(join(temporary, 'layer.tar.gz'))
    await writeFile(join(temporary, 'layer.json'), JSON.stringify(made))
    await rename(temporary, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else was faster, and made the same.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code ?? '') || !(await readKept(folder))) throw error
    })
    return { ...made, open: () => openAsBlob(layer) }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function readKept(folder: string): Promise<Kept | undefined> {
  try {
    const kept = JSON.parse(await readFile(join(folder, 'layer.json'), 'utf8')) as Kept
    const { size } = await stat(join(folder, 'layer.tar.gz'))
    if (size === kept.size) return kept
  } catch {}
  // Damaged: it is in the way of the next one.
  await rm(folder, { recursive: true, force: true })
  return undefined
}
