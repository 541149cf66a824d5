import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  commitChanges,
  finishChanges,
  gather,
  makeChanges,
  mustBeClean,
  parsePlan,
  planRelease,
  ReleaseLock,
  resumeCommit,
  UnplannableWorkspace,
  upstreamOf,
  version,
} from '@atlas/release'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'
import { making } from './releasing.ts'

/** `atlas release version`. */
export function versionCommand(
  { cwd, plan: file, commit, json }: { cwd: string; plan?: string; commit: boolean; json: boolean },
  output: Output,
): Promise<number> {
  return explained(async () => {
    const root = await findRoot(cwd)
    // A bot that runs here cuts versions too.
    await using _lock = commit ? await ReleaseLock.take(root, (await upstreamOf(root))?.remote) : undefined
    if (commit ? await resumeCommit(root) : await finishChanges(root))
      output.note('finished what was interrupted')
    if (commit) await mustBeClean(root)
    const gathered = await gather(root, making.platformOf)
    const errors = gathered.findings.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new UnplannableWorkspace(errors)
    const plan = file === undefined ? planRelease(gathered.facts) : parsePlan(await readPlan(cwd, file), file)
    const made = await version(gathered, plan, making, {
      onBundle: (servlet) => output.note(`bundling ${servlet}`),
    })
    const message = `Release ${made.releases.length} packages\n\n${made.releases.map(({ package: name, to }) => `- ${name} ${to}`).join('\n')}\n`
    if (made.releases.length > 0)
      await (commit ? commitChanges(root, made.changes, message) : makeChanges(root, made.changes))
    if (json)
      output.json({
        releases: made.releases,
        unchanged: made.unchanged.map(({ package: name }) => name),
        held: plan.held,
        files: Object.keys(made.releases.length > 0 ? made.changes.files : {}).sort(),
      })
    else {
      for (const { package: name, from, to } of made.releases)
        output.print(from === to ? `${name} ${to}` : `${name} ${from} -> ${to}`)
      for (const { package: name } of made.unchanged) output.note(`${name} is what its last release was`)
      if (made.releases.length === 0) output.print('nothing to release')
    }
    return exitCode.done
  })
}

async function readPlan(cwd: string, file: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); make it with npx atlas release plan --out ${file}`,
      exitCode.usage,
    )
  }
}
