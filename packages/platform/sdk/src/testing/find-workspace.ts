import { glob, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** Where a test finds things. */
export interface Found {
  /** The servlet's folder. */
  readonly folder: string
  /** Where the server that tests share has its files. */
  readonly serverFolder: string
}

/**
 * Finds the folder of a servlet, which has the name of its contract, in the workspace around the current folder.
 *
 * @param given the folder, where the test knows better
 * @throws Error where there is none
 */
export async function findWorkspace(servlet: string, given?: string): Promise<Found> {
  const from = resolve(given ?? '')
  const root = await rootAround(from)
  const folder = given === undefined ? await folderOf(servlet, from, root) : from
  if (folder === undefined)
    throw new Error(
      `the folder of servlet '${servlet}', where its migrations are, is not found from ${from}; ` +
        'run tests in its workspace, or name it: open(servlet, { folder })',
    )
  return { folder, serverFolder: join(root?.path ?? folder, '.atlas/tests/postgres') }
}

interface Root {
  readonly path: string
  readonly globs: readonly string[]
}

async function rootAround(from: string): Promise<Root | undefined> {
  for (let path = from; ; path = dirname(path)) {
    const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => '{}')
    const { workspaces } = JSON.parse(text) as { workspaces?: string[] | { packages: string[] } }
    if (workspaces) return { path, globs: Array.isArray(workspaces) ? workspaces : workspaces.packages }
    if (dirname(path) === path) return undefined
  }
}

async function folderOf(servlet: string, from: string, root: Root | undefined): Promise<string | undefined> {
  if (basename(from) === servlet && (await isServlet(from))) return from
  for (const pattern of root?.globs ?? [])
    for await (const found of glob(pattern, { cwd: root!.path })) {
      const folder = join(root!.path, found)
      if (basename(folder) === servlet && (await isServlet(folder))) return folder
    }
  return undefined
}

async function isServlet(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'servlet.json')).catch(() => undefined)) !== undefined
}
