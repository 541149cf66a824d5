import type { Change, Comparison } from '@atlas/interface'
import type { Catalog } from '@atlas/manifest'

/** A servlet that calls another, and what a change of that one means to it. */
export interface Caller {
  readonly name: string
  readonly owner: string
  readonly version: string
  /** The version of the called servlet that its code is compiled against. */
  readonly builtAgainst: string
  /** The endpoints that its code uses. */
  readonly uses: readonly string[]
  /** Of what has changed, what hurts it: changes of endpoints that it uses, and of the servlet as a whole. */
  readonly hurtBy: readonly Change[]
  /** Changes of endpoints that it uses that do not hurt it. */
  readonly alsoChanged: readonly Change[]
}

/** Who calls a servlet, and what its difference means to each. Pure. */
export function callersOf(servlet: string, catalog: Catalog, comparison: Comparison | undefined): Caller[] {
  const called = catalog.servlets.find(({ name }) => name === servlet)
  const changes = (comparison?.changes ?? []).filter(({ direction }) => direction === 'old-caller')
  return catalog.servlets
    .filter(({ calls }) => Object.hasOwn(calls, servlet))
    .map(({ name, owner, version, calls }) => {
      const uses = calls[servlet] ?? []
      // A mount is for people and browsers: servlets call endpoints.
      const concerning = changes.filter(({ endpoint, rule }) =>
        endpoint === undefined ? rule.startsWith('servlet/') : uses.includes(endpoint),
      )
      const hurts = ({ severity }: Change): boolean =>
        severity === 'breaking' || severity === 'possibly-breaking'
      return {
        name,
        owner,
        version,
        builtAgainst: called?.version ?? '0.0.0',
        uses,
        hurtBy: concerning.filter(hurts),
        alsoChanged: concerning.filter((change) => !hurts(change)),
      }
    })
}
