import { join } from 'node:path'
import { writeAtomically } from '@atlas/release/workspace'
import { documentText } from '../scaffold/create-servlet.ts'
import { planServlet, type ServletRequest } from '../scaffold/plan-servlet.ts'
import type { AfterWriting, Tree } from './tree.ts'

/** `nx g @atlas/cli:servlet NAME`: the servlet of `atlas new servlet`, through nx, which knows `--dry-run`. */
export default async function servletGenerator(tree: Tree, request: ServletRequest): Promise<AfterWriting> {
  const { dir, files, pkg } = await planServlet(tree.root, request)
  for (const [path, text] of Object.entries(files)) tree.write(`${dir}/${path}`, text)
  return async () => {
    // Made from the code, which has to be there first.
    const document = await documentText(tree.root, pkg)
    if (document !== undefined) await writeAtomically(join(tree.root, dir, 'interface.json'), document)
    console.log('next: npm install (links it), npm start')
  }
}
