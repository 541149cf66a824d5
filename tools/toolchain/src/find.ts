import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join, sep } from 'node:path'
import { cacheFolder, toolFolder } from './cache.ts'
import type { Found, Tool } from './tool.ts'

/** Where to look for tools. */
export interface Places {
  readonly cache?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Finds a tool: one that is installed wins where any version will do, then the one in the cache. */
export async function find(tool: Tool, places: Places = {}): Promise<Found | undefined> {
  if (tool.installed === 'any') {
    const binaries = await onPath(Object.keys(tool.binaries), places.env ?? process.env)
    if (binaries) return { tool, state: 'installed', binaries }
  }
  const folder = toolFolder(tool, places.cache ?? cacheFolder(places.env))
  const binaries = Object.fromEntries(
    Object.entries(tool.binaries).map(([name, path]) => [name, join(folder, path)]),
  )
  for (const path of Object.values(binaries)) if (!(await executable(path))) return undefined
  return { tool, state: 'built', binaries, folder }
}

/** Where all of these binaries are on PATH; undefined when one is not. */
export async function onPath(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string> | undefined> {
  // What npm puts in front of PATH are launchers of packages (pulumi's downloads the tool), not tools.
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => {
    return folder !== '' && !folder.includes(`${sep}node_modules${sep}`)
  })
  // Where Debian has the commands of administrators, which a user's PATH leaves out.
  folders.push('/usr/sbin', '/sbin')
  const found: Record<string, string> = {}
  for (const name of names) {
    for (const folder of folders) {
      if (!(await executable(join(folder, name)))) continue
      found[name] = join(folder, name)
      break
    }
    if (found[name] === undefined) return undefined
  }
  return found
}

/** Whether a path is a file that may be run. */
export async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
