import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

const run = promisify(execFile)

/** What an image has: files of this machine or texts, by their path in the image. */
export interface ImageContents {
  readonly files: Readonly<Record<string, { readonly from: string } | { readonly text: string }>>
  /** Binaries among the files whose shared libraries are added, where this machine has them. */
  readonly withLibrariesOf?: readonly string[]
  /** Folders of shared libraries beside the machine's own. */
  readonly libraries?: readonly string[]
  readonly entrypoint: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `uid:gid`; root is 0:0. Default 65532:65532. */
  readonly user?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Media types of the OCI image specification 1.1. */
const media = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const

/** Writes an image as an OCI layout: a folder that `crane push` takes. Equal contents make an equal digest. */
export async function writeImage(folder: string, contents: ImageContents): Promise<{ digest: string }> {
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const files = { ...contents.files, ...(await libraries(contents)) }
  const layer = await writeLayer(blobs, files)
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const config = await writeBlob(blobs, {
    architecture,
    os: 'linux',
    config: {
      User: contents.user ?? '65532:65532',
      Env: [
        'PATH=/usr/local/bin:/usr/bin:/bin',
        ...Object.entries(contents.env ?? {}).map(([name, value]) => `${name}=${value}`),
      ],
      Entrypoint: contents.entrypoint,
      WorkingDir: '/',
      ...(contents.labels === undefined ? {} : { Labels: contents.labels }),
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = await writeBlob(blobs, {
    schemaVersion: 2,
    mediaType: media.manifest,
    config: { mediaType: media.config, ...config },
    layers: [{ mediaType: media.layer, ...layer }],
  })
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType: media.manifest, ...manifest, platform: { architecture, os: 'linux' } }],
  }
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(folder, 'index.json'), JSON.stringify(index))
  return { digest: manifest.digest }
}

async function writeBlob(blobs: string, value: object): Promise<{ digest: string; size: number }> {
  const text = JSON.stringify(value)
  const hash = createHash('sha256').update(text).digest('hex')
  await writeFile(join(blobs, hash), text)
  return { digest: `sha256:${hash}`, size: Buffer.byteLength(text) }
}

/** Writes the one layer, with folders before what is in them, in order of path. */
async function writeLayer(
  blobs: string,
  files: ImageContents['files'],
): Promise<{ digest: string; size: number }> {
  const temporary = join(blobs, 'layer.tmp')
  const out = createWriteStream(temporary)
  const hash = createHash('sha256')
  let size = 0
  const put = async (bytes: Buffer) => {
    hash.update(bytes)
    size += bytes.length
    if (!out.write(bytes)) await once(out, 'drain')
  }
  const folders = new Set(['tmp/'])
  for (const path of Object.keys(files)) {
    for (let folder = posix.dirname(relative(path)); folder !== '.'; folder = posix.dirname(folder)) {
      folders.add(`${folder}/`)
    }
  }
  for (const path of [...folders].toSorted()) {
    await put(tarHeader({ path, mode: path === 'tmp/' ? 0o1777 : 0o755, size: 0, kind: 'folder' }))
  }
  for (const [path, source] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if ('text' in source) {
      const bytes = Buffer.from(source.text)
      await put(tarHeader({ path: relative(path), mode: 0o644, size: bytes.length, kind: 'file' }))
      await put(bytes)
      await put(tarPadding(bytes.length))
      continue
    }
    const { size: bytes, mode } = await stat(source.from)
    const bits = mode & 0o111 ? 0o755 : 0o644
    await put(tarHeader({ path: relative(path), mode: bits, size: bytes, kind: 'file' }))
    for await (const chunk of createReadStream(source.from)) await put(chunk as Buffer)
    await put(tarPadding(bytes))
  }
  await put(tarEnd)
  out.end()
  await once(out, 'close')
  const digest = hash.digest('hex')
  await rename(temporary, join(blobs, digest))
  return { digest: `sha256:${digest}`, size }
}

function relative(path: string): string {
  return path.replace(/^\/+/, '')
}

/** The shared libraries and the loader of binaries, at the paths where this machine has them. */
async function libraries(contents: ImageContents): Promise<Record<string, { from: string }>> {
  const found: Record<string, { from: string }> = {}
  for (const path of contents.withLibrariesOf ?? []) {
    const source = contents.files[path]
    if (source === undefined || 'text' in source) {
      throw new Error(`${path} is not a file of the image that comes from this machine`)
    }
    const env = { ...process.env, LD_LIBRARY_PATH: (contents.libraries ?? []).join(':'), LC_ALL: 'C' }
    const { stdout } = await run('ldd', [source.from], { env }).catch((error: { stderr?: string }) => {
      if (/not a dynamic executable/.test(error.stderr ?? '')) return { stdout: '' }
      throw new Error(`the shared libraries of ${source.from} cannot be found: ${error.stderr ?? error}`)
    })
    const { paths, missing } = parseLdd(stdout)
    if (missing.length > 0) {
      throw new Error(`${source.from} needs ${missing.join(', ')}, which this machine does not have`)
    }
    for (const library of paths) {
      // Beside the loader's own folders it would not be found.
      const own = (contents.libraries ?? []).some((folder) => dirname(library) === folder)
      found[own ? `/usr/lib/${library.slice(dirname(library).length + 1)}` : library] = { from: library }
    }
  }
  return found
}

/** Reads what `ldd` prints. */
export function parseLdd(text: string): { paths: string[]; missing: string[] } {
  const paths: string[] = []
  const missing: string[] = []
  for (const line of text.split('\n')) {
    const lacks = /^\s*(\S+) => not found/.exec(line)?.[1]
    const path = /^\s*(?:\S+ => )?(\/\S+) \(0x/.exec(line)?.[1]
    if (lacks !== undefined) missing.push(lacks)
    else if (path !== undefined) paths.push(path)
  }
  return { paths, missing }
}
