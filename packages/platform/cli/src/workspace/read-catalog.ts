import { type Catalog, catalogOf, readWorkspace } from '@atlas/manifest'
import { findRoot } from './find-root.ts'

/** The catalog of the workspace that a folder is in, from committed data only. */
export async function readCatalog(cwd: string): Promise<Catalog & { readonly root: string }> {
  const root = await findRoot(cwd)
  return { root, ...catalogOf(await readWorkspace(root)).catalog }
}
