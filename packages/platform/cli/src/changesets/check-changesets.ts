import type { InterfaceDocument } from '@atlas/interface'
import { errorFinding, type Finding, type Workspace } from '@atlas/manifest'
import { baseOf } from '../git/base.ts'
import { readBranch } from './branch.ts'
import { gateFindings, servletChanges } from './gate.ts'

/** What the changesets of a branch leave open, or why that was not looked at. */
export interface ChangesetReport {
  readonly findings: readonly Finding[]
  /** Why there was nothing to compare with. */
  readonly skipped?: string
}

/** Holds the changesets of a branch against what it changes. The interfaces are those of the code, not the committed ones. */
export async function checkChangesets(
  workspace: Workspace,
  live: ReadonlyMap<string, InterfaceDocument>,
  wanted?: string,
): Promise<ChangesetReport> {
  const base = await baseOf(workspace.root, wanted)
  if (base.kind === 'none') return { findings: [], skipped: base.why }
  if (base.kind === 'not-here')
    return {
      findings: [
        errorFinding({
          rule: 'changeset/history',
          file: '.changeset/config.json',
          path: 'baseBranch',
          message: base.why,
          remedy: base.remedy,
        }),
      ],
    }
  const branch = await readBranch(workspace, base)
  return { findings: gateFindings(workspace, branch, servletChanges(workspace, branch, live)) }
}
