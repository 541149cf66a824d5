import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CommandError } from '../exit-code.ts'

/**
 * The root of the workspace that a folder is in: the nearest package.json with `workspaces`.
 *
 * @throws CommandError where there is none
 */
export async function findRoot(from: string): Promise<string> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
    if (text !== undefined && hasWorkspaces(text)) return folder
    if (dirname(folder) === folder)
      throw new CommandError(
        `${resolve(from)} is not in a workspace; go to one, or make one here with npx atlas init`,
      )
  }
}

function hasWorkspaces(text: string): boolean {
  try {
    return 'workspaces' in (JSON.parse(text) as object)
  } catch {
    // A broken package.json is reported by whoever reads it as a workspace.
    return text.includes('"workspaces"')
  }
}
