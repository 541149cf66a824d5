import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringifyInterface } from '@atlas/interface'
import type { WorkspacePackage } from '@atlas/manifest'
import { liveDocument } from '../interface/live-document.ts'
import { planServlet, type ServletRequest } from './plan-servlet.ts'
import type { NewServlet } from './servlet-spec.ts'
import { writePackage } from './write-package.ts'

/** A servlet that was made. */
export interface CreatedServlet {
  readonly servlet: NewServlet
  /** Relative to the root. */
  readonly written: readonly string[]
}

/**
 * Makes a servlet in a workspace, whole or not at all. `atlas new servlet` and the nx generator are this.
 *
 * @throws CommandError for a request that cannot be met; nothing is written then
 */
export async function createServlet(root: string, request: ServletRequest): Promise<CreatedServlet> {
  const { dir, files, servlet, pkg } = await planServlet(root, request)
  const written = Object.keys(files)
  await writePackage(root, { dir, files }, async (draft) => {
    const document = await documentText(root, { ...pkg, dir: draft })
    if (document === undefined) return
    await writeFile(join(root, draft, 'interface.json'), document)
    written.push('interface.json')
  })
  return { servlet, written: written.map((file) => `${dir}/${file}`) }
}

/** Its interface document; it needs the platform's packages, which a workspace just made has not installed. */
export async function documentText(root: string, pkg: WorkspacePackage): Promise<string | undefined> {
  const made = await liveDocument(root, pkg)
  return made.ok ? stringifyInterface(made.document) : undefined
}
