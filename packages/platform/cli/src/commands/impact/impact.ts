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
import { buildsOf } from './builds.ts'
import { type Caller, callersOf, strangersIn } from './impact-of.ts'
import { usageFrom } from './recorded-usage.ts'
import { readableLocks, runningVersions } from './running-versions.ts'
import { usageHere } from './usage-here.ts'

/** Options of `atlas impact`. */
export interface ImpactOptions {
  readonly cwd: string
  readonly servlet: string
  readonly base?: string
  /** The URL of a Prometheus that has counted calls. */
  readonly prometheus?: string
  /** How far to look back there: `30d`. */
  readonly over: string
  readonly json: boolean
}

/** `atlas impact SERVLET`: who calls it, what of its changes reaches them, and which version runs where. */
export async function impact(
  { cwd, servlet, base: wanted, prometheus, over, json }: ImpactOptions,
  output: Output,
): Promise<number> {
  const root = await findRoot(cwd)
  const workspace = await readWorkspace(root)
  const packages = servletsOf(workspace)
  mustBeOneOf('servlet', servlet, packages.map(folderOf))
  const pkg = packages.find((each) => folderOf(each) === servlet)!
  const { locks, notes } = await readableLocks(root)
  const [{ live }, base, { builds, notes: unbuilt }, { usage, notes: unrecorded }] = await Promise.all([
    staleDocuments(workspace),
    baseOf(root, wanted),
    buildsOf(workspace, pkg, locks),
    prometheus === undefined
      ? usageHere(root, servlet)
      : usageFrom(prometheus, servlet, over).then((read) => ({ usage: read, notes: [] })),
  ])
  const running = runningVersions(locks, servlet)
  notes.push(...unbuilt, ...unrecorded)
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
  if (!usage && unrecorded.length === 0)
    notes.push(
      'uses: from code; no recorded usage, as no platform runs in this workspace and no --prometheus is named',
    )
  const { catalog } = catalogOf(workspace, { documents: live })
  const callers = callersOf(servlet, catalog, { comparison, builds, recorded: usage?.calls })
  const strangers = strangersIn(catalog, usage?.calls)
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
      usage: usage ? { sources: usage.sources, since: usage.since, otherCallers: strangers } : null,
      notes,
    })
  else {
    const since = base.kind === 'found' ? ` since ${base.ref}` : ''
    output.print(
      `${servlet} ${pkg.version}${comparison ? `: ${comparison.bump === 'none' ? 'no change' : comparison.bump} of its interface${since}` : ''}`,
    )
    if (callers.length === 0) output.print('no servlet calls it')
    for (const caller of callers) for (const line of linesOf(caller)) output.print(line)
    for (const [name, endpoints] of Object.entries(strangers))
      output.print(`${name}, which is no servlet of this workspace: ${countsText(endpoints)}`)
    for (const { environment, version } of running)
      output.print(`in ${environment}: ${version ?? 'not running'}`)
    if (running.length === 0) output.print('no environment has a lock, so nothing is known to run')
    if (usage)
      output.print(
        `recorded by ${usage.sources.join(', ')}${usage.since === null ? '' : ` since ${usage.since.slice(0, 16)}Z`}`,
      )
    for (const note of notes) output.note(note)
  }
  return exitCode.done
}

function linesOf(caller: Caller): string[] {
  const { name, owner, version, released, builtAgainst, uses, deployed, recorded, hurtBy, alsoChanged } =
    caller
  const built = released
    ? `built against ${builtAgainst ?? 'what its tag would say'}`
    : `not released, compiled against ${builtAgainst} here`
  const lines = [`${name} ${version} (${owner}), ${built}, uses ${listText(uses)}`]
  for (const each of deployed)
    lines.push(
      each.uses === null
        ? `    in ${each.environment}: ${each.version}, of which there is no tag here`
        : `    in ${each.environment}: ${each.version}, built against ${each.builtAgainst ?? 'no version of it'}, uses ${listText(each.uses)}`,
    )
  if (recorded) lines.push(`    recorded: ${countsText(recorded)}`)
  for (const { severity, message, rule } of hurtBy) lines.push(`    ${severity}: ${message} [${rule}]`)
  if (hurtBy.length === 0)
    lines.push(
      `    ${alsoChanged.length === 0 ? 'nothing that it uses has changed' : 'what it uses has changed compatibly'}`,
    )
  return lines
}

function listText(endpoints: readonly string[]): string {
  return endpoints.join(', ') || 'nothing'
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([endpoint, count]) => `${endpoint} ${count} times`)
  return texts.join(', ') || 'no call'
}
