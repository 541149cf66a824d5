import { existsSync } from 'node:fs'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BundleError } from './bundle-error.ts'

/** What code asks that only works where it was installed: files beside it, or modules whose names it makes up. */
const needsItsPlace =
  /\b__dirname\b|\b__filename\b|\bimport\.meta\.(?:url|dirname|filename|resolve)\b|\brequire(?:\.resolve)?\s*\(\s*(?!['"`)])/

/** What of a package nobody reads while it runs. */
const idle =
  /(\.(md|markdown|map|[cm]?ts|flow)$)|(^|\/)(\.[^/]+|tests?|__tests__|docs|examples?|benchmarks?)(\/|$)/i

/** Whether a file of an npm package keeps the whole package from being bundled. */
export async function staysOutside(file: string): Promise<boolean> {
  if (file.endsWith('.node')) return true
  if (!/\.[cm]?js$/.test(file)) return false
  return needsItsPlace.test(await readFile(file, 'utf8'))
}

/** The folder of the npm package that a file belongs to, `/x/node_modules/express`; undefined for files of the workspace. */
export function packageFolder(file: string): string | undefined {
  return /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)(?:[\\/]|$)/.exec(file)?.[1]
}

/** The name of a package by its folder. */
export function packageName(folder: string): string {
  return folder.replaceAll('\\', '/').split('/node_modules/').at(-1)!
}

/** A package as it lies beside a bundle. */
export interface PlacedPackage {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** Where it is installed here. */
  readonly source: string
  /** Where it lies in the image, relative to the bundle: `node_modules/express`. */
  readonly place: string
}

interface About {
  readonly name: string
  readonly version: string
  readonly license?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/**
 * Places packages and all that they depend on into a folder of modules, so that each finds the same versions as here.
 *
 * @throws BundleError when two versions of one package would be needed at the same place, or one is not installed
 */
export async function placePackages(folders: readonly string[]): Promise<PlacedPackage[]> {
  const placed = new Map<string, PlacedPackage>()
  const abouts: [PlacedPackage, About][] = []
  // The bundle looks for them at the top, so they come before what they depend on.
  for (const folder of [...folders].sort()) {
    const at = `node_modules/${packageName(folder)}`
    const there = placed.get(at)
    if (there)
      throw new BundleError(
        `two versions of ${there.name} cannot be bundled and would lie at one place (${there.source} and ${folder}); install one version of it`,
      )
    abouts.push(await put(folder, at, placed))
  }
  for (const [each, about] of abouts) await placeDependencies(each, about, placed)
  return [...placed.values()].sort((a, b) => (a.place < b.place ? -1 : 1))
}

async function put(
  source: string,
  at: string,
  placed: Map<string, PlacedPackage>,
): Promise<[PlacedPackage, About]> {
  const about = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as About
  const { name, version, license } = about
  const each = {
    name,
    version,
    license: typeof license === 'string' ? license : undefined,
    source,
    place: at,
  }
  placed.set(at, each)
  return [each, about]
}

async function placeDependencies(
  { name, source, place: at }: PlacedPackage,
  about: About,
  placed: Map<string, PlacedPackage>,
): Promise<void> {
  const wanted = { ...about.peerDependencies, ...about.optionalDependencies, ...about.dependencies }
  for (const dependency of Object.keys(wanted).sort()) {
    const found = await installed(source, dependency)
    if (found === undefined) {
      const optional =
        dependency in (about.optionalDependencies ?? {}) ||
        about.peerDependenciesMeta?.[dependency]?.optional === true
      if (optional) continue
      throw new BundleError(
        `${name} needs ${dependency}, which is not installed; run npm ci, and add it to the dependencies of the servlet if it is missing still`,
      )
    }
    if (seen(at, dependency, placed) === found) continue
    const top = `node_modules/${dependency}`
    const place = placed.has(top) ? `${at}/node_modules/${dependency}` : top
    const [each, eachAbout] = await put(found, place, placed)
    await placeDependencies(each, eachAbout, placed)
  }
}

/** Where a package of this folder finds another one here. */
async function installed(from: string, name: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpath(candidate)
    if (folder === dirname(folder)) return undefined
  }
}

/** What a package at this place finds under a name, as Node looks: in its own modules, then in those further up. */
function seen(at: string, name: string, placed: ReadonlyMap<string, PlacedPackage>): string | undefined {
  for (let folder = at; ; ) {
    const found = placed.get(`${folder}/node_modules/${name}`)
    if (found) return found.source
    const up = folder.lastIndexOf('/node_modules/')
    if (up === -1) return placed.get(`node_modules/${name}`)?.source
    folder = folder.slice(0, up)
  }
}

/** The files of a package that it may read while it runs, relative to it, in order. */
export async function filesOfPackage(source: string): Promise<string[]> {
  const found = await readdir(source, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(source.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((file) => !/(^|\/)node_modules\//.test(file) && !idle.test(file))
    .sort()
}
