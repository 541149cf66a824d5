import { catalogOf, checkImports, type Finding, inOrder, readImports, readWorkspace } from '@atlas/manifest'
import { exitCode } from '../../exit-code.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import { formatFindings, type Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** What `atlas check --json` prints. */
export interface CheckReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

/** Everything that is wrong in a workspace: manifests, routes, calls, imports, interface documents. */
export async function checkWorkspace(root: string): Promise<CheckReport> {
  const workspace = await readWorkspace(root)
  const [documents, sources] = await Promise.all([
    staleDocuments(workspace),
    readImports(workspace.root, workspace.packages),
  ])
  const { catalog, findings } = catalogOf(workspace, { documents: documents.live })
  const all = inOrder([
    ...findings,
    ...documents.findings,
    ...checkImports({ workspace, catalog, files: sources }),
  ])
  return { ok: all.every(({ severity }) => severity !== 'error'), findings: all }
}

/** `atlas check`. */
export async function check(options: { cwd: string; json: boolean }, output: Output): Promise<number> {
  const report = await checkWorkspace(await findRoot(options.cwd))
  if (options.json) output.json(report)
  else {
    for (const line of formatFindings(report.findings)) output.note(line)
    const errors = report.findings.filter(({ severity }) => severity === 'error').length
    const warnings = report.findings.length - errors
    output.note(errors + warnings === 0 ? 'no findings' : `${errors} errors, ${warnings} warnings`)
  }
  return report.ok ? exitCode.done : exitCode.refused
}
