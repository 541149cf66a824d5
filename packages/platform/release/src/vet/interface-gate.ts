import { type Comparison, compare, parseInterfaceDocument } from '@atlas/interface'
import { accepts, bumps, greater } from '../changesets/changeset.ts'
import type { Gathered } from '../gather/gather.ts'
import { hurtsOldCallers, tagOf } from '../gather/held-by.ts'
import { git, textsOf } from '../git/git.ts'
import type { PlannedRelease } from '../plan/plan.ts'
import type { Bump } from '../seam.ts'

/** What the interface of a servlet proves since its last release. */
export interface Proof {
  readonly comparison: Comparison
  readonly proven: Bump
  /** Why its release is refused, if it is. */
  readonly refusal?: string
}

/** Compares the interface of each servlet with that of its last release, and holds the step that is planned against it. */
export async function interfaceGate(
  { workspace, facts }: Gathered,
  releases: readonly PlannedRelease[],
): Promise<ReadonlyMap<string, Proof>> {
  const prefix = (await git(workspace.root, ['rev-parse', '--show-prefix'])).stdout.trim()
  const wanted = releases.flatMap((release) => {
    const last = release.servlet === undefined ? undefined : facts.released[release.servlet]
    return last
      ? [
          {
            release,
            blob: `refs/tags/${tagOf(release.package, last.version)}:${prefix}${release.dir}/interface.json`,
          },
        ]
      : []
  })
  const texts = await textsOf(
    workspace.root,
    wanted.map(({ blob }) => blob),
  )
  const proofs = new Map<string, Proof>()
  for (const { release, blob } of wanted) {
    const pkg = workspace.packages.find(({ name }) => name === release.package)!
    const [before, after] = [texts.get(blob), pkg.texts['interface.json']].map((text) =>
      text === undefined ? undefined : parseInterfaceDocument(text),
    )
    if (!before?.ok || !after?.ok) continue
    const comparison = compare(before.value, after.value)
    const lines = facts.changesets
      .filter(({ releases: named }) => named.has(release.package))
      .flatMap((each) => each.accepts)
    const hurting = comparison.changes.filter(
      (change) => hurtsOldCallers(change) && !lines.some((line) => accepts(line, change)),
    )
    const proven: Bump = comparison.bump === 'major' && hurting.length === 0 ? 'minor' : comparison.bump
    const [reason] = hurting.length > 0 ? hurting : comparison.changes
    const isLow = bumps.indexOf(release.bump) < bumps.indexOf(greater(proven, 'none'))
    proofs.set(release.servlet!, {
      comparison,
      proven,
      ...(isLow && {
        refusal: `its interface proves ${proven} since ${tagOf(release.package, facts.released[release.servlet!]!.version)}, and ${release.bump} is asked for: ${reason?.message ?? 'it differs'}${reason?.witness ? `, for example ${JSON.stringify(reason.witness.value)}` : ''}; run npx atlas change ${release.servlet}`,
      }),
    })
  }
  return proofs
}
