import { join } from 'node:path'
import { catalogOf, readWorkspace } from '@atlas/manifest'
import { codeownersFile, isGeneratedCodeowners, writeAtomically } from '@atlas/release/workspace'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { ownersUnknown, readOwnersFile } from '../../workspace/owners-file.ts'

/**
 * `atlas owners`: who reviews what, as code hosts read it.
 *
 * @throws CommandError when manifests are broken, or when the file is one that people wrote
 */
export async function owners(
  { cwd, check, json }: { cwd: string; check: boolean; json: boolean },
  output: Output,
): Promise<number> {
  const root = await findRoot(cwd)
  const { catalog, findings } = catalogOf(await readWorkspace(root))
  if (ownersUnknown(findings))
    throw new CommandError('manifests or teams have errors; see npx atlas check, and correct them first')
  const { before, text } = await readOwnersFile(root, catalog)
  if (before !== undefined && before.trim() !== '' && !isGeneratedCodeowners(before))
    throw new CommandError(
      `${codeownersFile} was not written by atlas owners; move what it says to servlet.json, library.json and infra/teams.json, delete it, and run this again`,
    )
  const isFresh = before === text
  const written = !isFresh && !check
  if (written) await writeAtomically(join(root, codeownersFile), text)
  if (json) output.json({ file: codeownersFile, fresh: isFresh, written })
  else if (isFresh) output.print(`${codeownersFile} is what it should be`)
  else if (written) output.print(`wrote ${codeownersFile}`)
  else
    output.print(
      `${codeownersFile} is ${before === undefined ? 'missing' : 'stale'}; run npx atlas owners and commit it`,
    )
  return isFresh || written ? exitCode.done : exitCode.refused
}
