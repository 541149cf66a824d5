import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Platform } from '../seam.ts'
import { baseId, readBaseImage } from './base/base-image.ts'
import { nodeOf } from './base/node.ts'

/** What every image of a workspace has under its servlet, as its files say. Asks no registry. */
export async function platformOf(root: string): Promise<Platform> {
  const base = await readBaseImage(root)
  const node = base !== undefined && 'image' in base ? base.node : (await nodeOf(root))?.version
  return { node: node ?? 'unknown', base: baseId(base), runtime: await runtimeVersion(root) }
}

async function runtimeVersion(root: string): Promise<string> {
  for (const folder of [join(root, 'node_modules/@atlas/runtime'), ownRuntime()])
    try {
      const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
        version?: string
      }
      if (version !== undefined) return version
    } catch {}
  return 'unknown'
}

function ownRuntime(): string {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('@atlas/pod'))
    return dirname(dirname(require.resolve('@atlas/runtime')))
  } catch {
    return ''
  }
}
