import type { Change, Comparison } from '@atlas/interface'
import type { Catalog } from '@atlas/manifest'
import type { Builds, DeployedBuild } from './builds.ts'
import type { Calls } from './recorded-usage.ts'

/** A servlet that calls another, and what a change of that one means to it. */
export interface Caller {
  readonly name: string
  readonly owner: string
  readonly version: string
  /** Whether there is a release of this version. */
  readonly released: boolean
  /**
   * The version of the called servlet that its release was compiled against; of what is not released yet, that in this workspace;
   * null where the tag of the release does not say.
   */
  readonly builtAgainst: string | null
  /** The endpoints that its code here uses. */
  readonly uses: readonly string[]
  /** Its releases that environments run. */
  readonly deployed: readonly DeployedBuild[]
  /** How often it was counted to call each endpoint; null where nothing that counts was asked. */
  readonly recorded: Readonly<Record<string, number>> | null
  /**
   * Of what has changed, what hurts it: changes of the servlet as a whole, and of endpoints that its code uses, here or where it runs,
   * or that it was counted to call.
   */
  readonly hurtBy: readonly Change[]
  /** Changes of endpoints that it uses that do not hurt it. */
  readonly alsoChanged: readonly Change[]
}

/** What is known of calls beside the code in the workspace. */
export interface Evidence {
  readonly comparison: Comparison | undefined
  /** By caller. */
  readonly builds: ReadonlyMap<string, Builds>
  readonly recorded: Calls | undefined
}

/** Who calls a servlet, by any of what is known, and what its difference means to each. Pure. */
export function callersOf(
  servlet: string,
  catalog: Pick<Catalog, 'servlets'>,
  { comparison, builds, recorded: counts }: Evidence,
): Caller[] {
  const called = catalog.servlets.find(({ name }) => name === servlet)
  const changes = (comparison?.changes ?? []).filter(({ direction }) => direction === 'old-caller')
  return catalog.servlets.flatMap(({ name, owner, version, calls }) => {
    if (name === servlet) return []
    const uses = calls[servlet] ?? []
    const build = builds.get(name)
    const deployed = (build?.deployed ?? []).filter((each) => each.uses === null || each.uses.length > 0)
    const counted = counts?.get(name)
    const touched = new Set([
      ...uses,
      ...deployed.flatMap((each) => each.uses ?? []),
      ...(counted?.keys() ?? []),
    ])
    const isCaller = Object.hasOwn(calls, servlet) || touched.size > 0
    if (!isCaller) return []
    // A mount is for people and browsers: servlets call endpoints.
    const concerning = changes.filter(({ endpoint, rule }) =>
      endpoint === undefined ? rule.startsWith('servlet/') : touched.has(endpoint),
    )
    const hurts = ({ severity }: Change): boolean =>
      severity === 'breaking' || severity === 'possibly-breaking'
    const released = build?.released
    return {
      name,
      owner,
      version,
      released: released !== undefined,
      builtAgainst: released ? released.builtAgainst : (called?.version ?? null),
      uses,
      deployed,
      recorded: counts ? Object.fromEntries([...(counted ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) : null,
      hurtBy: concerning.filter(hurts),
      alsoChanged: concerning.filter((change) => !hurts(change)),
    }
  })
}

/** What was counted of callers that the workspace does not have: they were renamed or removed, and run still. */
export function strangersIn(
  catalog: Pick<Catalog, 'servlets'>,
  recorded: Calls | undefined,
): Record<string, Record<string, number>> {
  const known = new Set(catalog.servlets.map(({ name }) => name))
  return Object.fromEntries(
    [...(recorded ?? [])]
      .filter(([name]) => !known.has(name))
      .map(([name, endpoints]) => [name, Object.fromEntries(endpoints)]),
  )
}
