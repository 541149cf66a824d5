import { join } from 'node:path'
import { stringifyInterface } from '@atlas/interface'
import { type Finding, readWorkspace } from '@atlas/manifest'
import { removeLeftovers, writeAtomically } from '@atlas/release/workspace'
import { exitCode } from '../../exit-code.ts'
import { liveDocument } from '../../interface/live-document.ts'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'
import { formatFindings, type Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** `atlas interface [SERVLET...]`: writes interface.json of the named servlets, or of all. */
export async function writeInterfaces(
  { cwd, servlets: named, json }: { cwd: string; servlets: readonly string[]; json: boolean },
  output: Output,
): Promise<number> {
  const root = await findRoot(cwd)
  const workspace = await readWorkspace(root)
  const all = servletsOf(workspace)
  const names = all.map(folderOf)
  for (const name of named) mustBeOneOf('servlet', name, names)
  const written: string[] = []
  const findings: Finding[] = []
  for (const pkg of all.filter((one) => named.length === 0 || named.includes(folderOf(one)))) {
    const made = await liveDocument(root, pkg)
    if (!made.ok) {
      findings.push(made.finding)
      continue
    }
    const text = stringifyInterface(made.document)
    await removeLeftovers(join(root, pkg.dir), 'interface.json')
    if (text === pkg.texts['interface.json']) continue
    const file = `${pkg.dir}/interface.json`
    await writeAtomically(join(root, file), text)
    written.push(file)
  }
  if (json) output.json({ ok: findings.length === 0, written, findings })
  else {
    for (const file of written) output.print(`wrote ${file}`)
    if (written.length === 0 && findings.length === 0) output.print('every interface.json is up to date')
    for (const line of formatFindings(findings)) output.note(line)
  }
  return findings.length === 0 ? exitCode.done : exitCode.refused
}
