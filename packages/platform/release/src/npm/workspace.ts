import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The parts of a package.json that packing reads; all others are carried over. */
export interface PackageJson {
  name: string
  version?: string
  exports?: Exports
  imports?: Exports
  bin?: string | Record<string, string>
  main?: string
  types?: string
  /** Where nx finds generators. */
  generators?: string
  files?: string[]
  engines?: Record<string, string>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  [field: string]: unknown
}

/** The value of `exports` or `imports`: a target, or conditions or sub-paths of such. */
export type Exports = string | null | Exports[] | { [key: string]: Exports }

/** A package of the workspace, as its source folder says. */
export interface WorkspacePackage {
  readonly json: PackageJson
  /** Folder relative to the workspace, with `/`. */
  readonly folder: string
  /** Whether it has a servlet.json: then it is packed for its contract. */
  readonly isServlet: boolean
}

/** Reads every package of an npm workspace, by name. */
export async function readWorkspace(root: string): Promise<Map<string, WorkspacePackage>> {
  const { workspaces = [] } = (await readJson(join(root, 'package.json'))) as { workspaces?: string[] }
  const found = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
  const packages = await Promise.all(
    found.sort().map(async (file): Promise<WorkspacePackage> => {
      const folder = file.replaceAll('\\', '/').replace(/\/package\.json$/, '')
      const json = (await readJson(join(root, file))) as PackageJson
      return { json, folder, isServlet: globSync('servlet.json', { cwd: join(root, folder) }).length > 0 }
    }),
  )
  return new Map(packages.map((found) => [found.json.name, found]))
}

/**
 * Finds packages by name, with or without scope, or by folder; every package of `packages/platform` when none is named.
 * @throws Error that names what is unknown and lists what there is.
 */
export function selectPackages(
  workspace: ReadonlyMap<string, WorkspacePackage>,
  names: readonly string[],
): WorkspacePackage[] {
  const all = [...workspace.values()]
  if (names.length === 0) return all.filter(({ folder }) => folder.startsWith('packages/platform/'))
  const chosen = names.map((name) => {
    const wanted = name.replace(/^\.\//, '').replace(/\/$/, '')
    const found = all.find(({ json, folder }) => json.name === wanted || folder === wanted)
    if (found) return found
    const unscoped = all.filter(({ json }) => json.name.split('/')[1] === wanted)
    if (unscoped.length === 1) return unscoped[0]!
    const known = (unscoped.length > 1 ? unscoped : all).map(({ json }) => json.name).join(', ')
    throw new Error(
      `${unscoped.length > 1 ? 'several packages are' : 'no package is'} called '${name}'; name one of ${known}`,
    )
  })
  return [...new Set(chosen)]
}

/** Reads a JSON file. */
export async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'))
}
