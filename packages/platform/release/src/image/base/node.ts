import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BaseImageError, baseImageFile } from './base-image.ts'

/** The Node that a workspace has from npm: what its tests run on, and so its images. */
export async function nodeOf(root: string): Promise<{ version: string; binary: string } | undefined> {
  try {
    const about = JSON.parse(await readFile(join(root, 'node_modules/node/package.json'), 'utf8')) as {
      version: string
    }
    return { version: about.version, binary: await realpath(join(root, 'node_modules/node/bin/node')) }
  } catch {
    return undefined
  }
}

/** As {@link nodeOf}. @throws BaseImageError where there is none, or none for Linux */
export async function linuxNodeOf(root: string): Promise<{ version: string; binary: string; size: number }> {
  const node = await nodeOf(root)
  if (node === undefined)
    throw new BaseImageError(
      `the workspace has no Node from npm, which a base from Debian takes: npm install --save-dev node@24; or name an image that has it in ${baseImageFile}`,
    )
  const { size } = await stat(node.binary)
  if (process.platform !== 'linux')
    throw new BaseImageError(
      `the Node of this machine is for ${process.platform}, and images are for Linux; build them on Linux, or name an image that has Node in ${baseImageFile}`,
    )
  return { ...node, size }
}
