import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import {
  binsOf,
  entriesOf,
  isRunning,
  type PackageJson,
  packedManifest,
  reach,
  readWorkspace,
  selectPackages,
  type WorkspacePackage,
} from '@atlas/release/packing'
import { compile, isShipped, makeExecutable } from './compile.ts'

/** What to pack. */
export interface PackOptions {
  /** The folder of the workspace. */
  readonly root: string
  /** Where tarballs go; made when it is not there. */
  readonly out: string
  /** Names or folders of packages; every package of `packages/platform` when empty. */
  readonly packages?: readonly string[]
  /** Hears of each package as its turn comes. */
  readonly onPackage?: (name: string) => void
}

/** A packed package. */
export interface Packed {
  readonly name: string
  readonly version: string
  /** The tarball, absolute. */
  readonly path: string
  /** Every file in it. */
  readonly files: readonly string[]
}

/**
 * Packs packages of a workspace as an adopter installs them: compiled, with a package.json that points at the result. Works on
 * copies under `.atlas/pack`; the sources are not touched, and a tarball appears whole or not at all.
 * @throws Error that says what is wrong with a package: it does not compile, or it imports what it does not declare.
 */
export async function pack(options: PackOptions): Promise<Packed[]> {
  const root = resolve(options.root)
  const workspace = await readWorkspace(root)
  const chosen = selectPackages(workspace, options.packages ?? [])
  const versions = new Map([...workspace].map(([name, { json }]) => [name, json.version ?? '']))
  const stage = await makeStage(root)
  try {
    const needed = withDependencies(chosen, workspace)
    for (const each of needed) await copyToStage(root, stage, each)
    for (const each of chosen) await addLicense(root, join(stage, each.folder))
    const packed: Packed[] = []
    for (const each of needed) {
      options.onPackage?.(each.json.name)
      try {
        const json = await build(stage, each, versions)
        if (chosen.includes(each))
          packed.push(await makeTarball(join(stage, each.folder), json, resolve(options.out)))
      } catch (error) {
        const problem = (error as Error).message.replaceAll(stage, root)
        throw new Error(`${each.json.name} cannot be packed: ${problem}`, { cause: error })
      }
    }
    return packed
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** Within the workspace, so that what is installed there is found from the copies too. */
async function makeStage(root: string): Promise<string> {
  const stages = join(root, '.atlas/pack')
  await mkdir(stages, { recursive: true })
  // What was killed left its stage behind.
  for (const left of await readdir(stages))
    if (!isRunning(Number(left.split('-')[1]))) await rm(join(stages, left), { recursive: true, force: true })
  const stage = await mkdtemp(join(stages, `stage-${process.pid}-`))
  await cp(join(root, 'tsconfig.base.json'), join(stage, 'tsconfig.base.json'))
  return stage
}

/** The packages and those they depend on, dependencies first. Servlets may depend on each other in a cycle. */
function withDependencies(
  chosen: readonly WorkspacePackage[],
  workspace: ReadonlyMap<string, WorkspacePackage>,
): WorkspacePackage[] {
  const ordered: WorkspacePackage[] = []
  const seen = new Set<WorkspacePackage>()
  const visit = (each: WorkspacePackage): void => {
    if (seen.has(each)) return
    seen.add(each)
    const { dependencies, peerDependencies, optionalDependencies } = each.json
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }))
      if (workspace.has(name)) visit(workspace.get(name)!)
    ordered.push(each)
  }
  for (const each of chosen) visit(each)
  return ordered
}

async function copyToStage(root: string, stage: string, { folder, json }: WorkspacePackage): Promise<void> {
  const source = join(root, folder)
  await cp(source, join(stage, folder), {
    recursive: true,
    filter: (path) =>
      dirname(path) !== source || !['node_modules', 'dist', 'coverage'].includes(basename(path)),
  })
  const modules = join(source, 'node_modules')
  await symlink(modules, join(stage, folder, 'node_modules'))
  const link = join(stage, 'node_modules', json.name)
  await mkdir(dirname(link), { recursive: true })
  await symlink(join(stage, folder), link)
}

/** Every tarball carries the license of the repository, unless its package has one of its own. */
async function addLicense(root: string, folder: string): Promise<void> {
  const license = join(root, 'LICENSE')
  if (existsSync(license)) await cp(license, join(folder, 'LICENSE'), { force: false })
}

/** Compiles a staged package and gives it its new package.json. */
async function build(
  stage: string,
  { folder: name, json: source, isServlet }: WorkspacePackage,
  versions: ReadonlyMap<string, string>,
): Promise<PackageJson> {
  const folder = join(stage, name)
  await compile(stage, folder)
  await copyAssets(folder)
  const files = await readFiles(folder)
  const draft = packedManifest(source, { versions })
  const fromEntries = reach(files, entriesOf(draft))
  const fromAll = reach(
    files,
    [...files.keys()].filter((file) => file.startsWith('dist/')),
  )
  const declared = new Set(
    Object.keys({
      ...source.dependencies,
      ...source.peerDependencies,
      ...source.optionalDependencies,
      [source.name]: '',
    }),
  )
  const problems = [
    ...fromAll.missing.map(({ file, from }) => `${from} imports ${file}, which is not there`),
    ...fromEntries.missing.map(({ file, from }) => `${from} names ${file}, which is not there`),
    ...[...fromEntries.packages]
      .filter(([dependency]) => !declared.has(dependency))
      .map(
        ([dependency, file]) => `${file} imports ${dependency}, which its dependencies do not name; add it`,
      ),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))

  const json = packedManifest(source, {
    versions,
    files: [...fromAll.files, ...fromEntries.files].filter((file) => !file.startsWith('dist/')),
    // Callers install a servlet for its contract, and should not get what its implementation needs.
    ...(isServlet && { keepDependencies: new Set(fromEntries.packages.keys()) }),
  })
  for (const bin of binsOf(json)) await makeExecutable(folder, bin, files.get(bin) ?? '')
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(json, undefined, 2)}\n`)
  return json
}

/** Brings files of `src` that are not TypeScript into `dist`, where compiled modules look for them. */
async function copyAssets(folder: string): Promise<void> {
  const src = join(folder, 'src')
  await cp(src, join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') && isShipped(relative(src, path)),
  })
}

async function readFiles(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  return new Map(
    await Promise.all(
      files.map(async (entry): Promise<[string, string]> => {
        const path = join(entry.parentPath, entry.name)
        const name = relative(folder, path).replaceAll('\\', '/')
        return [name, name.startsWith('dist/') ? await readFile(path, 'utf8') : '']
      }),
    ),
  )
}

async function makeTarball(folder: string, json: PackageJson, out: string): Promise<Packed> {
  const { stdout } = await npm(folder, ['pack', '--json', '--ignore-scripts', '--loglevel=error'])
  const [{ filename, files, version }] = JSON.parse(stdout) as [
    { filename: string; version: string; files: { path: string }[] },
  ]
  const path = join(out, filename)
  await mkdir(out, { recursive: true })
  // The folders may be on different disks, where a rename is impossible.
  const partial = `${path}.${process.pid}.partial`
  await cp(join(folder, filename), partial)
  await rename(partial, path)
  return { name: json.name, version, path, files: files.map((file) => file.path) }
}

/** Runs npm without what an npm that runs us has put into the environment about its own package. */
function npm(cwd: string, args: string[]): Promise<{ stdout: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_local_prefix|command)/.test(name),
    ),
  )
  const script = process.env.npm_execpath
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []]
  return promisify(execFile)(command, [...first, ...args], { cwd, env, maxBuffer: 64 * 2 ** 20 })
}
