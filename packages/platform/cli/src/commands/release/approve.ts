import { join } from 'node:path'
import { catalogOf } from '@atlas/manifest'
import {
  approvalFile,
  approvalText,
  gather,
  needsApproval,
  planRelease,
  UnplannableWorkspace,
} from '@atlas/release'
import { git, writeAtomically } from '@atlas/release/workspace'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'
import { making } from './releasing.ts'

/** `atlas release approve SERVLET`: the owner's word for the version that is planned now, to be committed by whoever gives it. */
export function approve(
  { cwd, servlet, json }: { cwd: string; servlet: string; json: boolean },
  output: Output,
): Promise<number> {
  return explained(async () => {
    const root = await findRoot(cwd)
    const { facts, workspace, findings } = await gather(root, making.platformOf)
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new UnplannableWorkspace(errors)
    const { catalog } = catalogOf(workspace)
    mustBeOneOf(
      'servlet',
      servlet,
      catalog.servlets.map(({ name }) => name),
    )
    const release = planRelease(facts).releases.find((each) => each.servlet === servlet)
    if (!release) throw new CommandError(`no release of ${servlet} is planned; see npx atlas release plan`)
    if (!needsApproval(release, catalog))
      throw new CommandError(
        `${servlet} ${release.to} waits for nobody: "release" in its servlet.json does not ask for approval of it`,
      )
    const by = (await git(root, ['config', 'user.email'])).stdout.trim()
    if (by === '')
      throw new CommandError('git does not know who you are; run git config user.email YOU@COMPANY')
    const { sources } = facts.packages.find(({ name }) => name === release.package)!
    const file = approvalFile(servlet)
    await writeAtomically(join(root, file), approvalText({ version: release.to, sources, by }))
    if (json) output.json({ servlet, version: release.to, by, file })
    else output.print(`wrote ${file}: ${by} approves ${servlet} ${release.to}; commit and push it`)
    return exitCode.done
  })
}
