import { Buffer } from 'node:buffer'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Index, Manifest } from '../../registry/media-types.ts'
import type { Patience } from '../../registry/patience.ts'
import { parseReference, showReference } from '../../registry/reference.ts'
import { Repository } from '../../registry/repository.ts'
import { keptLayer, type Layer } from '../cache.ts'
import { type Entry, writeLayer } from '../tar.ts'
import { type BaseImage, BaseImageError, baseImageFile, type DebianBase } from './base-image.ts'
import { debianEntries } from './debian.ts'
import { linuxNodeOf } from './node.ts'

/** Changes when the same pins make another layer. */
const recipe = 1

/** The user of every servlet; what provisions pods knows the number. */
export const userId = 10_001

/** What a servlet's layers stand on. */
export interface Base {
  readonly layers: readonly Layer[]
  /** The version of Node in it. */
  readonly node: string
  /** Variables that it sets. */
  readonly env: readonly string[]
  /** Where `node` is. */
  readonly nodePath: string
  /** Where it comes from, for labels. */
  readonly name: string
  /** What it has, for the bill of materials. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly purl: string }[]
}

/** Makes or fetches the base of a workspace's images, once a machine. */
export async function baseLayers(root: string, base: BaseImage, patience: Patience = {}): Promise<Base> {
  return 'image' in base ? fromImage(base, patience) : fromDebian(root, base)
}

async function fromDebian(root: string, base: DebianBase): Promise<Base> {
  const { version, binary, size } = await linuxNodeOf(root)
  const { debian, architecture, packages } = base
  const layer = await keptLayer(JSON.stringify(['debian', recipe, base, version]), async (file) => {
    const entries = new Map<string, Entry>(await debianEntries(base))
    entries.set('usr/local/bin/node', { kind: 'copy', from: binary, size, executable: true })
    entries.set('tmp', { kind: 'folder', mode: 0o1777 })
    for (const [path, text] of Object.entries(systemFiles(debian)))
      entries.set(path, { kind: 'file', bytes: Buffer.from(text) })
    return writeLayer(file, entries)
  })
  return {
    layers: [layer],
    node: version,
    env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
    nodePath: '/usr/local/bin/node',
    name: `debian:${debian}`,
    packages: [
      ...Object.entries(packages).map(([name, each]) => ({
        name,
        version: each.version,
        purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(each.version)}?arch=${architecture}&distro=${debian}`,
      })),
      { name: 'node', version, purl: `pkg:npm/node@${version}` },
    ],
  }
}

/** As little of a system as programs look for. */
function systemFiles(debian: string): Record<string, string> {
  return {
    'etc/passwd': `root:x:0:0:root:/:/sbin/nologin\natlas:x:${userId}:${userId}:atlas:/app:/sbin/nologin\n`,
    'etc/group': `root:x:0:\natlas:x:${userId}:\n`,
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    'etc/os-release': `ID=debian\nVERSION_CODENAME=${debian}\nPRETTY_NAME="Atlas base on Debian ${debian}"\n`,
  }
}

async function fromImage(
  { image, node }: Extract<BaseImage, { image: string }>,
  patience: Patience,
): Promise<Base> {
  const reference = parseReference(image)
  const repository = new Repository(reference, patience)
  const manifest = await manifestHere(repository, reference.digest!, image)
  const config = JSON.parse(Buffer.from(await repository.blob(manifest.config.digest)).toString('utf8')) as {
    config?: { Env?: string[] }
    rootfs: { diff_ids: string[] }
  }
  const layers = await Promise.all(
    manifest.layers.map(({ digest, size, mediaType }, index) => {
      if (!mediaType.endsWith('gzip'))
        throw new BaseImageError(
          `${image} has a layer of the type ${mediaType}; name a base whose layers are gzip, as most are`,
        )
      return keptLayer(`image ${digest}`, async (file) => {
        await pipeline(Readable.from([await repository.blob(digest)]), createWriteStream(file))
        return { digest, diffId: config.rootfs.diff_ids[index]!, size }
      })
    }),
  )
  const { digest } = reference
  return {
    layers,
    node,
    env: config.config?.Env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    nodePath: 'node',
    name: showReference(reference),
    packages: [
      {
        name: image,
        version: digest!,
        purl: `pkg:oci/${reference.repository.split('/').at(-1)}@${encodeURIComponent(digest!)}`,
      },
    ],
  }
}

/** The image for this architecture, of one or of many. */
async function manifestHere(repository: Repository, digest: string, image: string): Promise<Manifest> {
  const found = await repository.manifest(digest)
  if (found === undefined)
    throw new BaseImageError(`${image} is not in its registry; correct ${baseImageFile}`)
  if (!('manifests' in found.value)) return found.value
  const { manifests } = found.value as Index
  const here = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architectureHere(),
  )
  if (here === undefined)
    throw new BaseImageError(
      `${image} is not for linux/${architectureHere()}; name one that is in ${baseImageFile}`,
    )
  return manifestHere(repository, here.digest, image)
}

/** The architecture of this machine in the words of images. */
export function architectureHere(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
