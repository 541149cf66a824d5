import { type LibraryRequest, planLibrary } from '../scaffold/create-library.ts'
import type { Tree } from './tree.ts'

/** `nx g @atlas/cli:library NAME`: the library of `atlas new library`, through nx, which knows `--dry-run`. */
export default async function libraryGenerator(tree: Tree, request: LibraryRequest): Promise<void> {
  const { dir, files } = await planLibrary(tree.root, request)
  for (const [path, text] of Object.entries(files)) tree.write(`${dir}/${path}`, text)
}
