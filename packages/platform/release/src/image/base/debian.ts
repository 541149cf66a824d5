import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sha256 } from '../../bundle/digest.ts'
import { cacheFolder } from '../cache.ts'
import type { Entry } from '../tar.ts'
import { BaseImageError, baseImageFile, type DebianBase } from './base-image.ts'

const run = promisify(execFile)

/** What Node is linked to. They need nothing else. */
const libraries = ['libc6', 'libgcc-s1', 'libstdc++6']

/** Of a package only what programs load, and its license. */
const wanted = /^(usr\/)?lib(64)?\/.*\.so(\.|$)|^usr\/share\/doc\/[^/]+\/copyright$/
/** Character sets and sound models that nobody loads here. */
const unwanted = /\/(gconv|audit|libmemusage|libpcprofile)\b/

/**
 * The libraries that this machine's Debian has today, to be pinned.
 *
 * @throws BaseImageError on a machine that is no Debian
 */
export async function pinDebian(): Promise<DebianBase> {
  const about = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const debian = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(about)?.[1]
  if (!/^ID=debian$/m.test(about) || debian === undefined)
    throw new BaseImageError(
      `a base is made on Debian only, and this is none; name an image that has Node in ${baseImageFile}: { "image": "docker.io/library/node@sha256:...", "node": "24.21.0" }`,
    )
  const { stdout: architecture } = await run('dpkg', ['--print-architecture'])
  const packages: Record<string, { version: string; sha256: string }> = {}
  for (const name of libraries) {
    const file = await download(name)
    const { stdout } = await run('dpkg-deb', ['--field', file.path, 'Version'])
    packages[name] = { version: stdout.trim(), sha256: file.digest }
  }
  return { debian, architecture: architecture.trim(), packages }
}

/** The files of pinned packages. @throws BaseImageError when Debian does not serve one any more */
export async function debianEntries(base: DebianBase): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>()
  for (const [name, { version, sha256: digest }] of Object.entries(base.packages)) {
    const kept = join(cacheFolder(), 'debian', `${digest.slice('sha256:'.length)}.deb`)
    if ((await digestOfFile(kept)) !== digest) await download(name, { version, digest })
    await addFiles(kept, entries)
  }
  // Since Debian 13 packages have /usr/lib only, and the loader is asked for at /lib64.
  if (![...entries.keys()].some((path) => path.startsWith('lib/')))
    for (const folder of ['lib', 'lib64']) entries.set(folder, { kind: 'link', to: `usr/${folder}` })
  return entries
}

async function digestOfFile(path: string): Promise<string | undefined> {
  return readFile(path).then(sha256, () => undefined)
}

/** Downloads a package by Debian's own means, which check its signature, into the cache. */
async function download(
  name: string,
  pinned?: { readonly version: string; readonly digest: string },
): Promise<{ path: string; digest: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-debian-'))
  try {
    const what = pinned === undefined ? name : `${name}=${pinned.version}`
    await fetchPackage(what, folder)
    const [file] = (await readdir(folder)).filter((each) => each.endsWith('.deb'))
    const path = join(folder, file!)
    const digest = (await digestOfFile(path))!
    if (pinned !== undefined && pinned.digest !== digest)
      throw new BaseImageError(
        `${what} of Debian has the digest ${digest}, and ${baseImageFile} pins ${pinned.digest}; find out why before you pin anew: npx atlas image --pin`,
      )
    const kept = join(cacheFolder(), 'debian', `${digest.slice('sha256:'.length)}.deb`)
    await mkdir(join(cacheFolder(), 'debian'), { recursive: true })
    const temporary = `${kept}.${randomUUID()}`
    await run('cp', [path, temporary])
    await rename(temporary, kept)
    return { path: kept, digest }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fetchPackage(what: string, folder: string): Promise<void> {
  const get = () => run('apt-get', ['download', what], { cwd: folder })
  try {
    await get().catch(async (error: unknown) => {
      // A fresh machine has no lists of packages yet, or old ones.
      if (process.getuid?.() !== 0) throw error
      await run('apt-get', ['update'])
      return get()
    })
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string }
    throw new BaseImageError(
      `${what} cannot be had from Debian (${stderr.trim().split('\n').at(-1) || message}); run apt-get update, or pin what it serves now: npx atlas image --pin (a new base is a release of every servlet)`,
      { cause },
    )
  }
}

async function addFiles(deb: string, entries: Map<string, Entry>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-debian-'))
  try {
    await run('dpkg-deb', ['--extract', deb, folder])
    const found = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const each of found) {
      const source = join(each.parentPath, each.name)
      const path = source.slice(folder.length + 1)
      if (!wanted.test(path) || unwanted.test(path)) continue
      if (each.isSymbolicLink()) entries.set(path, { kind: 'link', to: await readlink(source) })
      else if (each.isFile())
        entries.set(path, {
          kind: 'file',
          bytes: await readFile(source),
          executable: ((await lstat(source)).mode & 0o111) !== 0,
        })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
