import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { locked } from './lock.ts'
import type { Tool } from './tool.ts'

/** Where the main modules of our own are. */
export const goModules = join(import.meta.dirname, '..', 'go')

/** The folder of the cache: `$XDG_CACHE_HOME/atlas/toolchain`, or `~/.cache/atlas/toolchain`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME
  // The XDG specification says that a relative path is to be ignored.
  const root = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache')
  return join(root, 'atlas', 'toolchain')
}

/** The folder of a tool, named by its version and by how it is made: a changed recipe is another tool. */
export function toolFolder(tool: Tool, cache = cacheFolder()): string {
  const hash = createHash('sha256').update(JSON.stringify(tool.recipe))
  if (tool.recipe.kind === 'go-module') {
    const sources = join(goModules, tool.recipe.folder)
    for (const file of readdirSync(sources).toSorted())
      hash.update(file).update(readFileSync(join(sources, file)))
  }
  return join(cache, tool.name, `${tool.version}-${hash.digest('hex').slice(0, 8)}`)
}

/**
 * Fills a folder once: `make` gets an empty folder beside it, which takes its place when `make` is done. A run that was killed
 * leaves nothing that looks finished, and of two runs the second waits and finds the work of the first.
 */
export async function fillOnce(
  folder: string,
  exists: () => Promise<boolean>,
  make: (temporary: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (await exists()) return
  await mkdir(join(folder, '..'), { recursive: true })
  const fill = async () => {
    if (await exists()) return
    await removeLeftovers(folder)
    const temporary = `${folder}.${process.pid}.tmp`
    await mkdir(temporary)
    try {
      await make(temporary)
      await rm(folder, { recursive: true, force: true })
      await rename(temporary, folder)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }
  await locked(`${folder}.lock`, fill, signal)
}

/** What killed runs left. Only the holder of the lock may call this: nobody else fills a folder then. */
async function removeLeftovers(folder: string): Promise<void> {
  const parent = join(folder, '..')
  for (const entry of await readdir(parent)) {
    const path = join(parent, entry)
    if (path.startsWith(`${folder}.`) && path.endsWith('.tmp'))
      await rm(path, { recursive: true, force: true })
  }
}
