import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, type Found, fillOnce } from '@atlas/tools-toolchain'
import { type ImageContents, writeImage } from './image.ts'

/** An image that a cluster's pods need: its name and tag in the registry, what is in it. */
export interface ImageRecipe {
  readonly name: string
  readonly tag: string
  readonly contents: ImageContents
}

/** Makes an image once and keeps it in the toolchain's cache; resolves with the folder of its OCI layout. */
export async function cachedImage({ name, tag, contents }: ImageRecipe): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(contents))
  for (const source of Object.values(contents.files)) {
    if ('text' in source) continue
    // Tools are kept by version, so a changed file is one of another path, size or time.
    const { size, mtimeMs } = await stat(source.from)
    hash.update(`${size} ${mtimeMs}`)
  }
  const folder = join(cacheFolder(), 'images', `${name}-${tag}-${hash.digest('hex').slice(0, 12)}`)
  const exists = () =>
    stat(join(folder, 'index.json')).then(
      () => true,
      () => false,
    )
  await fillOnce(folder, exists, async (temporary) => {
    await writeImage(temporary, contents)
  })
  return folder
}

/** The image of one tool: its binary, with the libraries that it is linked to. */
export function toolImage(found: Found, binary = found.tool.name, tag = found.tool.version): ImageRecipe {
  const from = found.binaries[binary]
  if (from === undefined) throw new Error(`${found.tool.name} has no binary ${binary}`)
  const path = `/usr/local/bin/${binary}`
  return {
    name: binary,
    tag,
    contents: { files: { [path]: { from } }, withLibrariesOf: [path], entrypoint: [path] },
  }
}
