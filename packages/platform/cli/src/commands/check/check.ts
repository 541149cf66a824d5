import { catalogOf, checkImports, type Finding, inOrder, readImports, readWorkspace } from '@atlas/manifest'
import { checkChangesets } from '../../changesets/check-changesets.ts'
import { exitCode } from '../../exit-code.ts'
import { deprecatedCalls } from '../../interface/deprecations.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import { formatFindings, type Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { checkOwners } from '../../workspace/owners-file.ts'

/** What `atlas check --json` prints. */
export interface CheckReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
  /** What was not looked at, and why. */
  readonly skipped?: readonly string[]
}

/** What {@link checkWorkspace} may be told. */
export interface CheckOptions {
  /** The branch, tag or commit that changesets are held against. @default the base branch of the changesets */
  readonly base?: string | undefined
}

/** Everything that is wrong in a workspace: manifests, routes, calls and their deprecations, imports, interface documents, changesets, CODEOWNERS. */
export async function checkWorkspace(root: string, { base }: CheckOptions = {}): Promise<CheckReport> {
  const workspace = await readWorkspace(root)
  const [documents, sources] = await Promise.all([
    staleDocuments(workspace),
    readImports(workspace.root, workspace.packages),
  ])
  const changesets = await checkChangesets(workspace, documents.live, base)
  const { catalog, findings } = catalogOf(workspace, { documents: documents.live })
  const all = inOrder([
    ...findings,
    ...(await checkOwners(workspace.root, catalog, findings)),
    ...documents.findings,
    ...deprecatedCalls(catalog, documents.live, new Date().toISOString().slice(0, 10)),
    ...changesets.findings,
    ...checkImports({ workspace, catalog, files: sources }),
  ])
  return {
    ok: all.every(({ severity }) => severity !== 'error'),
    findings: all,
    ...(changesets.skipped === undefined ? {} : { skipped: [`changesets: ${changesets.skipped}`] }),
  }
}

/** `atlas check`. */
export async function check(
  options: { cwd: string; base?: string; json: boolean },
  output: Output,
): Promise<number> {
  const report = await checkWorkspace(await findRoot(options.cwd), { base: options.base })
  if (options.json) output.json(report)
  else {
    for (const line of formatFindings(report.findings)) output.note(line)
    for (const what of report.skipped ?? []) output.note(`not checked: ${what}`)
    const errors = report.findings.filter(({ severity }) => severity === 'error').length
    const warnings = report.findings.length - errors
    output.note(errors + warnings === 0 ? 'no findings' : `${errors} errors, ${warnings} warnings`)
  }
  return report.ok ? exitCode.done : exitCode.refused
}
