import { compare } from '@atlas/interface'
import { catalogOf, readWorkspace } from '@atlas/manifest'
import { readBranch } from '../../changesets/branch.ts'
import { exitCode } from '../../exit-code.ts'
import { baseOf } from '../../git/base.ts'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { callersOf } from './impact-of.ts'
import { runningVersions } from './running-versions.ts'

/** Options of `atlas impact`. */
export interface ImpactOptions {
  readonly cwd: string
  readonly servlet: string
  readonly base?: string
  readonly json: boolean
}

/** `atlas impact SERVLET`: who calls it, what of its changes reaches them, and which version runs where. */
export async function impact(
  { cwd, servlet, base: wanted, json }: ImpactOptions,
  output: Output,
): Promise<number> {
  const root = await findRoot(cwd)
  const workspace = await readWorkspace(root)
  const packages = servletsOf(workspace)
  mustBeOneOf('servlet', servlet, packages.map(folderOf))
  const pkg = packages.find((each) => folderOf(each) === servlet)!
  const [{ live }, base, { running, notes }] = await Promise.all([
    staleDocuments(workspace),
    baseOf(root, wanted),
    runningVersions(root, servlet),
  ])
  const branch = base.kind === 'found' ? await readBranch(workspace, base) : undefined
  const before = branch?.before.get(pkg.dir)
  const after = live.get(servlet)
  const comparison = before && after && compare(before, after)
  if (base.kind !== 'found')
    notes.push(`not compared: ${base.why}${base.kind === 'not-here' ? `; ${base.remedy}` : ''}`)
  else if (!before)
    notes.push(
      `not compared: ${(branch?.unread ?? branch?.untold.get(pkg.dir))?.message ?? `it is new since ${base.ref}`}`,
    )
  else if (!after) notes.push('not compared: its code cannot be loaded; npx atlas check says why')
  notes.push(
    'built against: the version in this workspace, which all compile against; there are no records of releases yet',
  )
  notes.push('uses: from the code of the callers; no recorded usage is read')
  const { catalog } = catalogOf(workspace, { documents: live })
  const callers = callersOf(servlet, catalog, comparison)
  if (json)
    output.json({
      servlet,
      version: pkg.version,
      base: base.kind === 'found' ? base.ref : null,
      bump: comparison?.bump ?? null,
      order: comparison?.order ?? null,
      changes: comparison?.changes ?? [],
      callers,
      environments: running,
      notes,
    })
  else {
    const since = base.kind === 'found' ? ` since ${base.ref}` : ''
    output.print(
      `${servlet} ${pkg.version}${comparison ? `: ${comparison.bump === 'none' ? 'no change' : comparison.bump} of its interface${since}` : ''}`,
    )
    if (callers.length === 0) output.print('no servlet calls it')
    for (const { name, owner, version, builtAgainst, uses, hurtBy, alsoChanged } of callers) {
      output.print(
        `${name} ${version} (${owner}), built against ${builtAgainst}, uses ${uses.join(', ') || 'nothing'}`,
      )
      for (const { severity, message, rule } of hurtBy) output.print(`    ${severity}: ${message} [${rule}]`)
      if (hurtBy.length === 0)
        output.print(
          `    ${alsoChanged.length === 0 ? 'nothing that it uses has changed' : 'what it uses has changed compatibly'}`,
        )
    }
    for (const { environment, version } of running)
      output.print(`in ${environment}: ${version ?? 'not running'}`)
    if (running.length === 0) output.print('no environment has a lock, so nothing is known to run')
    for (const note of notes) output.note(note)
  }
  return exitCode.done
}
