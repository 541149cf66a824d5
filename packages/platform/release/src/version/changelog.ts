import type { Changeset } from '../changesets/changeset.ts'
import type { Origin } from '../changesets/origins.ts'
import type { Links } from '../git/links.ts'
import type { PlannedRelease } from '../plan/plan.ts'
import type { Bump } from '../seam.ts'

const headings: Readonly<Record<Bump, string>> = {
  major: 'Major Changes',
  minor: 'Minor Changes',
  patch: 'Patch Changes',
  none: 'First release',
}

/** What notes can refer to. */
export interface References {
  /** By changeset file. */
  readonly origins: ReadonlyMap<string, Origin>
  /** Where the host of the code is known. */
  readonly links?: Links | undefined
}

/** What a release says of itself: the entry of its changelog, in the form that changesets gives it. */
export function releaseNotes(
  release: PlannedRelease,
  changesets: readonly Changeset[],
  references: References = { origins: new Map() },
): string {
  const parts: string[] = []
  for (const bump of ['major', 'minor', 'patch'] as const) {
    const lines = changesets
      .filter(({ releases }) => releases.get(release.package) === bump)
      .map(({ file, summary }) => item(summary, referenceTo(file, references)))
    if (bump === 'patch' || release.bump === bump)
      lines.push(...(release.bump === bump ? inherited(release) : []))
    if (lines.length > 0) parts.push(`### ${headings[bump]}\n\n${lines.join('\n')}`)
  }
  if (release.bump === 'none' && parts.length === 0) parts.push(`### ${headings.none}`)
  return `## ${release.to}\n\n${parts.join('\n\n')}\n`
}

/** What has changed without a changeset that names the package. */
function inherited({ causes }: PlannedRelease): string[] {
  if (causes.some(({ kind }) => kind === 'changeset')) return []
  return causes.flatMap((cause) => {
    if (cause.kind === 'platform') return [`- Runs on another platform: ${cause.changes.join(', ')}`]
    if (cause.kind === 'range') return [`- Takes the new versions of ${cause.packages.join(', ')}`]
    if (cause.kind !== 'sources') return []
    return [
      cause.packages.length > 0
        ? `- Contains what is new in ${cause.packages.join(', ')}`
        : '- Contains changes of packages that it is built from',
    ]
  })
}

/** ` (#12, 1a2b3c4)`, linked where possible; nothing where it is not known where a changeset came from. */
function referenceTo(file: string, { origins, links }: References): string {
  const origin = origins.get(file)
  if (origin === undefined) return ''
  const short = origin.commit.slice(0, 7)
  const parts = [links ? `[${short}](${links.commit(origin.commit)})` : short]
  if (origin.pull !== undefined)
    parts.unshift(links ? `[#${origin.pull}](${links.pull(origin.pull)})` : `#${origin.pull}`)
  return ` (${parts.join(', ')})`
}

function item(summary: string, reference: string): string {
  const [first = '', ...rest] = summary.trim().split('\n')
  return [`- ${first}${reference}`, ...rest.map((line) => (line.trim() === '' ? '' : `  ${line}`))].join('\n')
}

/** Puts the notes of a release at the top of a changelog; one that has them already stays as it is. */
export function withNotes(changelog: string | undefined, packageName: string, notes: string): string {
  const title = `# ${packageName}\n`
  const before = changelog ?? title
  const heading = notes.slice(0, notes.indexOf('\n'))
  if (before.split('\n').includes(heading)) return before
  const end = before.startsWith('# ') ? before.indexOf('\n') + 1 : 0
  const head = end === 0 ? title : before.slice(0, end)
  const rest = before.slice(end).trimStart()
  return `${head}\n${notes}${rest === '' ? '' : `\n${rest}`}`
}
