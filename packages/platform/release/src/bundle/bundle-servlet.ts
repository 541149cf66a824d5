import { readFile, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { type BuildFailure, build, type Metafile, type Plugin } from 'esbuild'
import type { ServletBundle } from '../seam.ts'
import { assetsOf, committedAssetsOf } from './assets.ts'
import { BundleError } from './bundle-error.ts'
import { digestOf } from './digest.ts'
import { entryOf } from './entry.ts'
import {
  filesOfPackage,
  type PlacedPackage,
  packageFolder,
  packageName,
  placePackages,
  staysOutside,
} from './outside-packages.ts'
import { beginning, placeOfModules } from './place-of-modules.ts'
import { withoutVersions } from './without-versions.ts'

/** The file that an image starts, in the folder {@link appFolder}. */
export const entryFile = 'main.mjs'

/** The folder of an image in which everything of its servlet lies. */
export const appFolder = 'app'

/** A package that is in a bundle, or beside it. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** Whether its files lie beside the bundle. */
  readonly beside: boolean
}

/** A bundle, and what it was made of. */
export interface DetailedBundle extends ServletBundle {
  /** npm packages and packages of the workspace, in order of name and version. */
  readonly packages: readonly BundledPackage[]
}

/** Which servlet. */
export interface BundleOptions {
  /** The root of the workspace. */
  readonly root: string
  /** The servlet's folder, relative to the root: `packages/servlets/greeter`. */
  readonly dir: string
}

/**
 * Bundles a servlet as it is deployed: its code with all that it imports in one file, and beside that what cannot be in it. The
 * same sources give the same bytes, wherever the workspace lies. Nothing is executed.
 *
 * @throws BundleError when it cannot be bundled: it imports what is not there, or has no manifest
 */
export async function bundleServlet(options: BundleOptions): Promise<DetailedBundle> {
  const root = await realpath(options.root)
  const { dir } = options
  const kinds = await storeKinds(root, dir)
  // Which packages cannot be bundled shows in what they would be bundled as.
  const outside = new Set<string>()
  for (;;) {
    const asking = new Set<string>()
    const { text, metafile } = await run({ root, dir, kinds, outside, asking })
    const more = await outsideOf(root, metafile, outside)
    if (more.length === 0) return assemble({ root, dir, text, metafile, outside, asking })
    for (const folder of more) outside.add(folder)
  }
}

interface Run {
  readonly root: string
  readonly dir: string
  readonly kinds: readonly string[]
  /** Folders of packages that are not bundled. */
  readonly outside: ReadonlySet<string>
  /** Modules that ask where they are. */
  readonly asking: Set<string>
}

async function run({
  root,
  dir,
  kinds,
  outside,
  asking,
}: Run): Promise<{ text: Uint8Array; metafile: Metafile }> {
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      stdin: { contents: entryOf(dir, kinds), resolveDir: root, sourcefile: 'atlas-entry.ts', loader: 'ts' },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      outfile: entryFile,
      charset: 'utf8',
      // A stack trace names what was written, and a comment that changes is no release.
      minify: false,
      legalComments: 'eof',
      define: { 'process.env.NODE_ENV': '"production"' },
      banner: { js: beginning },
      loader: { '.node': 'empty' },
      logLevel: 'silent',
      // Whatever the company's compiler options are: they must not be read from folders above the workspace.
      tsconfigRaw: {},
      plugins: [
        platformOfAtlas(),
        leaveOutside(outside),
        withoutVersions(root, dir),
        placeOfModules(root, (file) => asking.add(file)),
      ],
    })
    return { text: outputFiles[0]!.contents, metafile }
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    if (errors === undefined) throw error
    const reasons = errors.map(({ text, location }) =>
      location ? `${location.file}:${location.line}: ${text}` : text,
    )
    throw new BundleError(
      `${dir} cannot be bundled: ${reasons.join('; ')}. Correct the import, or add the package to its dependencies and run npm install`,
      { cause: error },
    )
  }
}

async function storeKinds(root: string, dir: string): Promise<string[]> {
  const file = `${dir}/servlet.json`
  try {
    const { stores = {} } = JSON.parse(await readFile(join(root, file), 'utf8')) as {
      stores?: Record<string, Record<string, unknown>>
    }
    return Object.values(stores).flatMap((store) => Object.keys(store))
  } catch (error) {
    throw new BundleError(
      `${file} cannot be read (${(error as Error).message}); name the folder of a servlet, and correct its manifest: npx atlas check`,
      { cause: error },
    )
  }
}

/** The platform is that of the workspace; where only some package brings it, that one's. */
function platformOfAtlas(): Plugin {
  return {
    name: 'platform-of-atlas',
    setup(build) {
      build.onResolve({ filter: /^@atlas\/pod(\/|$)/ }, async ({ path, pluginData, ...options }) => {
        if (pluginData === 'asked') return undefined
        const found = await build.resolve(path, { ...options, pluginData: 'asked' })
        if (found.errors.length === 0) return found
        const own = dirname(createRequire(import.meta.url).resolve('@atlas/pod'))
        return build.resolve(path, { ...options, resolveDir: own, pluginData: 'asked' })
      })
    },
  }
}

/** Leaves imports of packages alone that lie beside the bundle. */
function leaveOutside(outside: ReadonlySet<string>): Plugin {
  return {
    name: 'leave-outside',
    setup(build) {
      if (outside.size === 0) return
      build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...options }) => {
        if (pluginData === 'outside' || pluginData === 'asked') return undefined
        const found = await build.resolve(path, { ...options, pluginData: 'outside' })
        const folder = packageFolder(found.path)
        return folder !== undefined && outside.has(folder) ? { path, external: true } : undefined
      })
    },
  }
}

/** Packages of a bundle that should not be in it. Those of the platform are made to be bundled. */
async function outsideOf(root: string, { inputs }: Metafile, known: ReadonlySet<string>): Promise<string[]> {
  const found = new Set<string>()
  for (const input of Object.keys(inputs)) {
    const file = join(root, input)
    const folder = packageFolder(file)
    if (folder === undefined || found.has(folder) || known.has(folder)) continue
    if (packageName(folder).startsWith('@atlas/')) continue
    if (await staysOutside(file)) found.add(folder)
  }
  return [...found]
}

interface Made {
  readonly root: string
  readonly dir: string
  readonly text: Uint8Array
  readonly metafile: Metafile
  readonly outside: ReadonlySet<string>
  readonly asking: ReadonlySet<string>
}

async function assemble({ root, dir, text, metafile, outside, asking }: Made): Promise<DetailedBundle> {
  const files = new Map<string, Uint8Array>([
    [`${appFolder}/${entryFile}`, text],
    [`${appFolder}/package.json`, Buffer.from('{"type":"module","private":true}\n')],
  ])
  const inputs = new Set(
    Object.keys(metafile.inputs).filter((input) => input !== 'atlas-entry.ts' && !/^[a-z-]+:/.test(input)),
  )
  const add = async (file: string): Promise<void> => {
    inputs.add(file)
    files.set(`${appFolder}/${file}`, await readFile(join(root, file)))
  }
  const owners = await ownersOf(root, [...inputs])
  // The platform asks for its own version only, which is in the environment of the process.
  const askers = [...asking]
    .flatMap((file) => owners.get(file) ?? [])
    .filter(({ name }) => !name.startsWith('@atlas/'))
  for (const folder of new Set([dir, ...askers.map(({ folder }) => folder)])) {
    // Packages that were installed are ignored as a whole, and are what they are.
    const assets = /(^|\/)node_modules\//.test(folder) ? assetsOf : committedAssetsOf
    for (const asset of await assets(join(root, folder))) await add(`${folder}/${asset}`)
  }
  const placed = await placePackages([...outside])
  for (const { source, place } of placed)
    for (const file of await filesOfPackage(source)) {
      inputs.add(relative(root, join(source, file)).replaceAll('\\', '/'))
      files.set(`${appFolder}/${place}/${file}`, await readFile(join(source, file)))
    }
  return {
    digest: digestOf(files),
    inputs: [...inputs].sort(),
    externals: Object.fromEntries(
      placed.map(({ place, version }) => [place.slice('node_modules/'.length), version]),
    ),
    files,
    packages: packagesOf([...owners.values()], placed),
  }
}

interface Owner {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string | undefined
}

/** The package of each input: the nearest package.json with a name above it. */
async function ownersOf(root: string, inputs: readonly string[]): Promise<Map<string, Owner>> {
  const known = new Map<string, Owner | undefined>()
  const ownerOf = async (folder: string): Promise<Owner | undefined> => {
    if (known.has(folder)) return known.get(folder)
    const text = await readFile(join(root, folder, 'package.json'), 'utf8').catch(() => '{}')
    const { name, version = '0.0.0', license } = JSON.parse(text) as Record<string, string | undefined>
    const up = dirname(folder)
    const owner =
      name !== undefined
        ? { folder, name, version, license: typeof license === 'string' ? license : undefined }
        : up === folder
          ? undefined
          : await ownerOf(up)
    known.set(folder, owner)
    return owner
  }
  const owners = new Map<string, Owner>()
  for (const input of inputs) {
    const owner = await ownerOf(dirname(input))
    if (owner) owners.set(input, owner)
  }
  return owners
}

function packagesOf(owners: readonly Owner[], placed: readonly PlacedPackage[]): BundledPackage[] {
  const found = new Map<string, BundledPackage>()
  for (const { name, version, license } of owners)
    found.set(`${name}@${version}`, { name, version, license, beside: false })
  for (const { name, version, license } of placed)
    found.set(`${name}@${version}`, { name, version, license, beside: true })
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}
