import type { Workspace, WorkspacePackage } from '@atlas/manifest'

/** The servlet packages of a workspace. */
export function servletsOf(workspace: Workspace): readonly WorkspacePackage[] {
  return workspace.packages.filter(({ kind }) => kind === 'servlet')
}

/** The name of a servlet is that of its folder. */
export function folderOf({ dir }: WorkspacePackage): string {
  return dir.slice(dir.lastIndexOf('/') + 1)
}
