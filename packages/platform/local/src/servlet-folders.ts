import { readWorkspace } from '@atlas/manifest'

/** The folders of the servlets of a workspace, whatever is in them. */
export async function servletFolders(root: string): Promise<readonly string[]> {
  const { packages } = await readWorkspace(root)
  return packages.filter(({ kind }) => kind === 'servlet').map(({ dir }) => dir)
}
