import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  appFolder,
  type BundledPackage,
  bundleServlet,
  type DetailedBundle,
  entryFile,
} from '../bundle/bundle-servlet.ts'
import { sha256 } from '../bundle/digest.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../registry/media-types.ts'
import type { Patience } from '../registry/patience.ts'
import { type BaseImage, BaseImageError, baseImageFile, readBaseImage } from './base/base-image.ts'
import { architectureHere, type Base, baseLayers, userId } from './base/base-layers.ts'
import type { Layer } from './cache.ts'
import { platformOf } from './platform.ts'
import { type Entry, layerOf } from './tar.ts'

/** What image to build. */
export interface ImageOptions {
  /** The root of the workspace. */
  readonly root: string
  /** The servlet's folder, relative to the root. */
  readonly dir: string
  readonly version: string
  /** A bundle that was made already. @default made here */
  readonly bundle?: DetailedBundle
  /** What it stands on. @default what `infra/base-image.json` pins */
  readonly base?: BaseImage | undefined
  /** How patient to be with the registry of a base image. */
  readonly patience?: Patience
}

/** An image, ready to be pushed or written. */
export interface BuiltImage {
  /** The servlet: `greeter`. */
  readonly servlet: string
  readonly version: string
  /** The digest of the image, which is that of its manifest. */
  readonly digest: string
  readonly manifest: Uint8Array
  readonly descriptor: Descriptor
  readonly config: Uint8Array
  readonly layers: readonly Layer[]
  readonly bundle: DetailedBundle
  readonly base: Base
  /** The digest of `interface.json`. */
  readonly interface: string
  readonly packages: readonly BundledPackage[]
}

/**
 * Builds the image of a servlet, without Docker: the base, what lies beside the bundle, the bundle. The same sources, version
 * and base give the same digest, on any day and any machine of this architecture.
 *
 * @throws BaseImageError when the workspace does not pin a base that can be had; BundleError
 */
export async function buildImage(options: ImageOptions): Promise<BuiltImage> {
  const { root, dir, version } = options
  const pinned = options.base ?? (await readBaseImage(root))
  if (pinned === undefined)
    throw new BaseImageError(
      `there is no ${baseImageFile}, which pins what images stand on; make one and commit it: npx atlas image --pin`,
    )
  const [bundle, base, platform, facts] = await Promise.all([
    options.bundle ?? bundleServlet({ root, dir }),
    baseLayers(root, pinned, options.patience),
    platformOf(root),
    factsOf(root, dir),
  ])
  const layers = [...base.layers, ...(await layersOf(bundle))]
  const config = Buffer.from(
    JSON.stringify({
      architecture: architectureHere(),
      os: 'linux',
      config: {
        User: `${userId}:${userId}`,
        ExposedPorts: { '8080/tcp': {} },
        Env: [
          ...base.env,
          'NODE_ENV=production',
          `ATLAS_VERSION=${version}`,
          `ATLAS_RUNTIME_VERSION=${platform.runtime}`,
        ],
        Entrypoint: [base.nodePath, `/${appFolder}/${entryFile}`],
        WorkingDir: `/${appFolder}`,
        StopSignal: 'SIGTERM',
        Labels: {
          'org.opencontainers.image.title': facts.servlet,
          'org.opencontainers.image.version': version,
          ...(facts.source !== undefined && { 'org.opencontainers.image.source': facts.source }),
          ...(facts.description !== undefined && {
            'org.opencontainers.image.description': facts.description,
          }),
          'org.opencontainers.image.base.name': base.name,
          'dev.atlas.content': bundle.digest,
          'dev.atlas.interface': facts.interface,
          'dev.atlas.base': platform.base,
          'dev.atlas.node': base.node,
        },
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  )
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: sha256(config), size: config.length },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const digest = sha256(bytes)
  return {
    servlet: facts.servlet,
    version,
    digest,
    manifest: bytes,
    descriptor: { mediaType: mediaTypes.manifest, digest, size: bytes.length },
    config,
    layers,
    bundle,
    base,
    interface: facts.interface,
    packages: bundle.packages,
  }
}

/** What changes seldom comes first, so that nodes have it already. */
async function layersOf({ files }: DetailedBundle): Promise<Layer[]> {
  const beside = new Map<string, Entry>()
  const app = new Map<string, Entry>()
  for (const [path, bytes] of files) {
    const layer = path.startsWith(`${appFolder}/node_modules/`) ? beside : app
    layer.set(path, { kind: 'file', bytes })
  }
  return Promise.all([...(beside.size > 0 ? [layerOf(beside)] : []), layerOf(app)])
}

interface Facts {
  readonly servlet: string
  readonly description: string | undefined
  readonly source: string | undefined
  readonly interface: string
}

async function factsOf(root: string, dir: string): Promise<Facts> {
  const read = async (file: string) =>
    JSON.parse(await readFile(join(root, file), 'utf8')) as Record<string, unknown>
  const [about, workspace, document] = await Promise.all([
    read(`${dir}/package.json`),
    read('package.json'),
    readFile(join(root, dir, 'interface.json')).catch(() => Buffer.from('')),
  ])
  const repository = about.repository ?? workspace.repository
  const url = typeof repository === 'string' ? repository : (repository as { url?: string } | undefined)?.url
  return {
    servlet: String(about.name).split('/').at(-1)!,
    description: typeof about.description === 'string' ? about.description : undefined,
    source: url?.replace(/^git\+/, '').replace(/\.git$/, ''),
    interface: sha256(document),
  }
}
