import type { DeployedServlet } from '../../environment/cluster.ts'

/** Why a servlet is deployed. */
export type Reason = 'new' | 'changed' | 'unfinished' | 'asked'

/** What is to be done in an environment. */
export interface DeployPlan {
  readonly run: readonly { readonly servlet: string; readonly why: Reason }[]
  readonly same: readonly string[]
  /** In the cluster, and not in the lock. */
  readonly gone: readonly string[]
}

/**
 * What differs between what is wanted (a fingerprint by servlet) and what is there. A servlet is as it should be when both what was last
 * begun and what was last finished are what is wanted.
 */
export function planOf(
  wanted: ReadonlyMap<string, string>,
  deployed: ReadonlyMap<string, DeployedServlet>,
  { all, known }: { readonly all: boolean; readonly known: ReadonlySet<string> },
): DeployPlan {
  const run: { servlet: string; why: Reason }[] = []
  const same: string[] = []
  for (const [servlet, fingerprint] of wanted) {
    const there = deployed.get(servlet)
    if (!there) run.push({ servlet, why: 'new' })
    else if (there.intended !== there.fingerprint) run.push({ servlet, why: 'unfinished' })
    else if (there.fingerprint !== fingerprint) run.push({ servlet, why: 'changed' })
    else if (all) run.push({ servlet, why: 'asked' })
    else same.push(servlet)
  }
  return { run, same, gone: [...deployed.keys()].filter((servlet) => !known.has(servlet)).sort() }
}
