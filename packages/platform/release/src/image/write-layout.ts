import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaTypes } from '../registry/media-types.ts'
import { architectureHere } from './base/base-layers.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import type { BuiltImage } from './build-image.ts'

/** Writes an image as an OCI layout, a folder that other tools read, with its bill of materials beside it in `sbom.cdx.json`. */
export async function writeLayout(folder: string, image: BuiltImage): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const put = async (digest: string, bytes: Uint8Array) => {
    const file = join(blobs, digest.slice('sha256:'.length))
    await writeFile(`${file}.partial`, bytes)
    await rename(`${file}.partial`, file)
  }
  for (const { digest, open } of image.layers)
    await put(digest, new Uint8Array(await (await open()).arrayBuffer()))
  const { manifest, config, descriptor, version } = image
  const { config: about } = JSON.parse(Buffer.from(manifest).toString('utf8')) as {
    config: { digest: string }
  }
  await put(about.digest, config)
  await put(descriptor.digest, manifest)
  await writeFile(join(folder, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(image), undefined, 2)}\n`)
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  // Last: until it is there, nobody takes the folder for an image.
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        ...descriptor,
        platform: { architecture: architectureHere(), os: 'linux' },
        annotations: { 'org.opencontainers.image.ref.name': version },
      },
    ],
  }
  await rm(join(folder, 'index.json'), { force: true })
  await writeFile(join(folder, 'index.json'), JSON.stringify(index))
}
