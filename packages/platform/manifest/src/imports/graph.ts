import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Catalog } from '../catalog/catalog.ts'
import type { Import } from '../workspace/imports-of.ts'
import type { SourceFile } from '../workspace/read-imports.ts'
import type { Workspace, WorkspacePackage } from '../workspace/workspace.ts'

/** What the import rules look at, all of it plain data. */
export interface ImportGraph {
  readonly workspace: Workspace
  /** Who owns what, and what is visible to whom. */
  readonly catalog: Catalog
  readonly files: readonly SourceFile[]
}

/** An import that leaves its package or names it: everything that a rule may object to. */
export interface Edge {
  readonly from: WorkspacePackage
  readonly file: string
  readonly line: number
  readonly specifier: string
  readonly kind: Import['kind']
  /** Whether the file is a test, a bench, a seed or a configuration: no part of what the package gives to others. */
  readonly dev: boolean
  /** The package of the workspace that it leads to, if any. */
  readonly to?: WorkspacePackage
  readonly target:
    | { readonly by: 'name'; readonly package: string; readonly subpath: string }
    | { readonly by: 'path'; readonly path: string }
}

const devFile =
  /(^|\/)(test|tests|fixtures|bench)\/|\.(test|test-d|bench|config)\.[cm]?[jt]sx?$|^src\/seed\.[cm]?[jt]s$/

/** Whether a file, relative to its package, serves the package's own development only. */
export function isDevFile(file: string): boolean {
  return devFile.test(file)
}

/** The imports of a workspace that matter to rules: not those within a package, and not Node's own modules. */
export function edgesOf({ workspace, files }: ImportGraph): Edge[] {
  const byName = new Map(workspace.packages.map((pkg) => [pkg.name, pkg]))
  const byDir = new Map(workspace.packages.map((pkg) => [pkg.dir, pkg]))
  return files.flatMap(({ package: name, file, imports }) => {
    const from = byName.get(name)
    if (!from) return []
    const dev = isDevFile(file.slice(from.dir.length + 1))
    return imports.flatMap(({ specifier, line, kind }): Edge[] => {
      const target = targetOf(specifier, file)
      if (!target) return []
      const to = target.by === 'name' ? byName.get(target.package) : packageAround(target.path, byDir)
      if (target.by === 'path' && to === from) return []
      return [{ from, file, line, specifier, kind, dev, target, ...(to && { to }) }]
    })
  })
}

function targetOf(specifier: string, file: string): Edge['target'] | undefined {
  if (specifier.startsWith('.')) return { by: 'path', path: posix.join(posix.dirname(file), specifier) }
  // `#x` is the package's own business (`imports` of package.json), and a URL is nobody's.
  if (isBuiltin(specifier) || specifier.startsWith('#') || /^[a-z]+:/.test(specifier)) return undefined
  const parts = specifier.split('/')
  const length = specifier.startsWith('@') ? 2 : 1
  return {
    by: 'name',
    package: parts.slice(0, length).join('/'),
    subpath: ['.', ...parts.slice(length)].join('/'),
  }
}

function packageAround(
  path: string,
  byDir: ReadonlyMap<string, WorkspacePackage>,
): WorkspacePackage | undefined {
  for (let dir = path; dir !== '.' && dir !== '/' && dir !== '..'; dir = posix.dirname(dir)) {
    const found = byDir.get(dir)
    if (found) return found
  }
  return undefined
}
