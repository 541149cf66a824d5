import { mediaTypes } from '../registry/media-types.ts'
import type { Repository } from '../registry/repository.ts'
import type { BuiltImage } from './build-image.ts'

/**
 * Puts all of an image into a registry but the name of its version. Until it has that, nobody sees it; whoever is killed
 * goes on where he was, because what is there is not sent again.
 *
 * @param from a repository of the registry that may have the layers already
 */
export async function pushImage(repository: Repository, image: BuiltImage, from?: string): Promise<void> {
  for (const layer of image.layers) await repository.pushBlob(layer, from)
  const { config, manifest } = image
  const { config: about } = JSON.parse(Buffer.from(manifest).toString('utf8')) as {
    config: { digest: string; size: number }
  }
  await repository.pushBlob({ ...about, open: async () => new Blob([Buffer.from(config)]) })
  await repository.putManifest(manifest, mediaTypes.manifest)
}

/** Gives an image the name of its version: from here on it is released. */
export async function nameImage(repository: Repository, { manifest, version }: BuiltImage): Promise<void> {
  await repository.putManifest(manifest, mediaTypes.manifest, version)
}
