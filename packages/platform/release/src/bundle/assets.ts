import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../git/git.ts'

/** Folders and files of a package that say something to people and tools, and nothing to the servlet while it runs. */
const besides =
  /(^|\/)(node_modules|dist|coverage|fixtures|__snapshots__|\.[^/]+)(\/|$)|\.([cm]?[jt]sx?|md|tsbuildinfo)$|^(package\.json|library\.json|tsconfig[^/]*\.json)$/

/**
 * The files of a package that are no code: its manifest, its interface document, migrations, templates, pages. They are in
 * the image at the place that they have in the workspace.
 *
 * @returns paths relative to the package, in order
 */
export async function assetsOf(folder: string): Promise<string[]> {
  const found: string[] = []
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const file = path === '' ? entry.name : `${path}/${entry.name}`
      if (besides.test(file)) continue
      if (entry.isDirectory()) await walk(file)
      else if (entry.isFile()) found.push(file)
    }
  }
  await walk('')
  return found.sort()
}

/** What every servlet has; nobody ignores them. */
const usual = new Set(['servlet.json', 'interface.json'])

/**
 * The assets of a package of the workspace that git does not ignore: what lies there on one machine only, a database of
 * somebody's trial or a file with a password, is no part of what is deployed.
 */
export async function committedAssetsOf(folder: string): Promise<string[]> {
  const assets = await assetsOf(folder)
  const asked = assets.filter((asset) => !usual.has(asset))
  if (asked.length === 0) return assets
  // Where there is no repository nothing is ignored.
  const ignored = await git(
    folder,
    ['check-ignore', '-z', '--stdin'],
    asked.map((each) => `${each}\0`).join(''),
  )
  const out = new Set(ignored.stdout.split('\0'))
  return assets.filter((asset) => !out.has(asset))
}
