import type { Released } from '../plan/facts.ts'
import type { PlannedRelease, ReleasePlan } from '../plan/plan.ts'

/** What comes of a plan once the candidates are bundled. */
export interface Decision {
  readonly releases: readonly PlannedRelease[]
  /** Candidates whose content is what their last release had. */
  readonly unchanged: readonly PlannedRelease[]
}

/** The servlets whose bundles a plan depends on: to tell, for candidates; to record, for those that are certain. */
export function toBundle(plan: ReleasePlan): PlannedRelease[] {
  return plan.releases.filter(({ servlet }) => servlet !== undefined)
}

/**
 * Takes from a plan the candidates that are what they were. Pure.
 *
 * @param contents the digest of each bundle now, by servlet
 */
export function decide(
  plan: ReleasePlan,
  released: Readonly<Record<string, Released>>,
  contents: ReadonlyMap<string, string>,
): Decision {
  const same = ({ certain, servlet }: PlannedRelease): boolean =>
    !certain && servlet !== undefined && released[servlet]?.content === contents.get(servlet)
  return {
    releases: plan.releases.filter((each) => !same(each)),
    unchanged: plan.releases.filter(same),
  }
}
