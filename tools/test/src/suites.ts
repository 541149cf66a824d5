import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A package whose tests need a cluster. */
export interface Suite {
  readonly name: string
  /** Its folder, absolute. */
  readonly folder: string
}

/** The script of a package that runs its tests that need a cluster. */
export const suiteScript = 'test:cluster'

/**
 * The packages of a workspace that have tests which need a cluster and are to be run, in the order of their folders.
 *
 * @param full whether those count that are too slow for every change
 */
export async function clusterSuites(root: string, full: boolean): Promise<Suite[]> {
  const { workspaces = [] } = await readPackage(join(root, 'package.json'))
  const suites: Suite[] = []
  for await (const file of glob(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )) {
    const { name, scripts } = await readPackage(join(root, file))
    const folder = join(root, dirname(file))
    if (name === undefined || scripts?.[suiteScript] === undefined) continue
    if (await hasTests(folder, full)) suites.push({ name, folder })
  }
  return suites.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))
}

async function hasTests(folder: string, full: boolean): Promise<boolean> {
  for await (const file of glob('src/**/*.cluster.ts', { cwd: folder })) {
    if (full || !file.endsWith('.full.cluster.ts')) return true
  }
  return false
}

interface Package {
  readonly name?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly workspaces?: readonly string[]
}

async function readPackage(path: string): Promise<Package> {
  return JSON.parse(await readFile(path, 'utf8')) as Package
}
