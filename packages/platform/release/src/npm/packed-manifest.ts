import type { Exports, PackageJson } from './workspace.ts'

/** What rewriting a package.json needs to know beside it. */
export interface PackedManifestOptions {
  /** Versions of the workspace's packages, by name. */
  readonly versions: ReadonlyMap<string, string>
  /** Files and folders to ship beside `dist` and what `files` names. */
  readonly files?: readonly string[]
  /** Keeps only these dependencies; all when absent. */
  readonly keepDependencies?: ReadonlySet<string>
}

/** Fields that mean something in the workspace only. `private` guards a folder that must not be published as it is. */
const workspaceFields = [
  'private',
  'scripts',
  'devDependencies',
  'nx',
  'workspaces',
  'overrides',
  'allowScripts',
]

/**
 * The package.json of a tarball, from the one in the workspace: entries point into `dist`, dependencies on other packages of
 * the workspace have versions, and what only the workspace needs is gone. Does not change its argument.
 * @throws Error when a package of the workspace that it depends on has no version.
 */
export function packedManifest(source: PackageJson, options: PackedManifestOptions): PackageJson {
  const packed: PackageJson = { ...source }
  for (const field of workspaceFields) delete packed[field]
  if (source.exports !== undefined) packed.exports = built(source.exports)
  if (source.imports !== undefined) packed.imports = built(source.imports)
  if (typeof source.bin === 'string') packed.bin = builtScript(source.bin)
  else if (source.bin)
    packed.bin = Object.fromEntries(
      Object.entries(source.bin).map(([name, file]) => [name, builtScript(file)]),
    )
  if (source.main !== undefined) packed.main = builtScript(source.main)
  if (source.generators !== undefined) packed.generators = builtAsset(source.generators)
  if (source.types !== undefined) packed.types = builtTypes(source.types)
  packed.files = [...new Set(['dist', ...(source.files ?? []), ...(options.files ?? [])])]
  packed.engines = { node: '>=24', ...source.engines }
  for (const field of ['dependencies', 'peerDependencies', 'optionalDependencies'] as const) {
    const dependencies = source[field]
    if (!dependencies) continue
    const kept = Object.entries(dependencies).filter(([name]) => options.keepDependencies?.has(name) ?? true)
    packed[field] = Object.fromEntries(
      kept.map(([name, range]) => [
        name,
        range === '*' ? released(name, source.name, options.versions) : range,
      ]),
    )
    if (kept.length === 0) delete packed[field]
  }
  return packed
}

/** The files that a built package.json offers: targets of exports, bin, main and types. Patterns keep their `*`. */
export function entriesOf(packed: PackageJson): string[] {
  const bins = typeof packed.bin === 'string' ? [packed.bin] : Object.values(packed.bin ?? {})
  const entries = [...targets(packed.exports), ...bins, packed.main, packed.types]
  return [...new Set(entries.filter((entry) => entry !== undefined))].map((entry) =>
    entry.replace(/^\.\//, ''),
  )
}

/** The executables that a package.json names, relative to the package. */
export function binsOf({ bin = {} }: PackageJson): string[] {
  return (typeof bin === 'string' ? [bin] : Object.values(bin)).map((file) => file.replace(/^\.\//, ''))
}

function built(target: Exports, condition?: string): Exports {
  if (target === null) return null
  if (Array.isArray(target)) return target.map((each) => built(each, condition))
  if (typeof target === 'object')
    return Object.fromEntries(Object.entries(target).map(([key, value]) => [key, built(value, key)]))
  if (!isSource(target)) return builtAsset(target)
  if (condition === 'types') return builtTypes(target)
  // Beside a condition of the author's own, that author decides where the types are.
  if (condition !== undefined && !/^[.#]/.test(condition)) return builtScript(target)
  return { types: builtTypes(target), default: builtScript(target) }
}

function isSource(file: string): boolean {
  return /^(\.\/)?src\/.*(?<!\.d)\.ts$/.test(file)
}

function builtScript(file: string): string {
  return isSource(file) ? builtAsset(file).replace(/\.ts$/, '.js') : builtAsset(file)
}

function builtTypes(file: string): string {
  return isSource(file) ? builtAsset(file).replace(/\.ts$/, '.d.ts') : builtAsset(file)
}

function builtAsset(file: string): string {
  return file.replace(/^(?:\.\/)?src\//, './dist/')
}

function targets(target: Exports | undefined): string[] {
  if (target == null) return []
  if (typeof target === 'string') return [target]
  return Object.values(target).flatMap((each: Exports) => targets(each))
}

function released(name: string, dependent: string, versions: ReadonlyMap<string, string>): string {
  if (!versions.has(name)) return '*'
  const version = versions.get(name)
  if (!version)
    throw new Error(`${dependent} depends on ${name}, which has no version; give it one in its package.json`)
  return `^${version}`
}
