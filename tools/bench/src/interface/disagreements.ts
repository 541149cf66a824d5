import type { Change } from '@atlas/interface'
import type { Row } from '../bench.ts'
import { agreement, breaksOf } from './agreement.ts'
import { classOfOurs, classOfTheirs, unexplained } from './classify.ts'
import { DescribedApi } from './described.ts'
import type { Step } from './timings.ts'

/** What Atlas and oasdiff say of the operations of a step. */
export interface Disagreements {
  readonly both: number
  readonly atlasOnly: number
  readonly oasdiffOnly: number
  /** A row for each operation that only one reports. */
  readonly rows: readonly (Row & { readonly only: string; readonly why: string })[]
}

/** Tells for each operation that only one of two tools reports why. Needs no times, so it comes after they were taken. */
export function disagreementsOf(step: Step): Disagreements | undefined {
  if (!step.oasdiff) return undefined
  const { from, to, compared } = step
  const breaks = new Map<string, Change[]>()
  for (const [name, servlet] of from.servlets) {
    const found = compared.get(name)
    if (!found) for (const { route } of Object.values(servlet.document.endpoints)) breaks.set(route, [])
    else
      for (const [operation, changes] of breaksOf(servlet, found.comparison)) breaks.set(operation, changes)
  }
  const routes = new Map(
    [...from.servlets.values()].flatMap((servlet) =>
      Object.values(servlet.document.endpoints).map(({ route }) => [route, servlet] as const),
    ),
  )
  const [before, after] = [new DescribedApi(from.description), new DescribedApi(to.description)]
  const versionsOf = (operation: string) => {
    const was = routes.get(operation)!
    const elsewhere = [...to.servlets.values()].find(
      ({ name, document }) =>
        name !== was.name && Object.values(document.endpoints).some(({ route }) => route === operation),
    )
    return { before, after, was, is: to.servlets.get(was.name), elsewhere: elsewhere?.name }
  }
  const found = agreement(breaks, step.oasdiff.findings, new Set(routes.keys()))
  const row = (operation: string, only: string, why: string, rules: readonly string[]) => ({
    part: 'disagreements',
    case: operation,
    to: to.version,
    only,
    why,
    rules: [...new Set(rules)].join(', '),
  })
  const ours = found.atlasOnly.map((operation) => {
    const changes = breaks.get(operation)!
    const why = classOfOurs(operation, changes, versionsOf(operation))
    return row(
      operation,
      'Atlas',
      why,
      changes.map(({ rule }) => rule),
    )
  })
  const theirs = [...found.oasdiffOnly].map(([operation, findings]) => {
    const versions = versionsOf(operation)
    const { was } = versions
    const own = (compared.get(was.name)?.comparison.changes ?? []).filter(
      ({ endpoint }) => endpoint !== undefined && was.document.endpoints[endpoint]?.route === operation,
    )
    const why = classOfTheirs(operation, findings, own, versions)
    return row(
      operation,
      'oasdiff',
      why,
      findings.map(({ id }) => id),
    )
  })
  return {
    both: found.both.length,
    atlasOnly: found.atlasOnly.length,
    oasdiffOnly: found.oasdiffOnly.size,
    rows: [...ours, ...theirs],
  }
}

/** How many operations there are of each class. */
export function classRows(rows: Disagreements['rows']): Row[] {
  return [...Map.groupBy(rows, ({ only, why }) => `only ${only}: ${why}`)].map(([name, those]) => ({
    part: 'classes of disagreements',
    case: name,
    operations: those.length,
  }))
}

/** Operations of which nothing shows why only one tool reports them. */
export function unexplainedIn(rows: Disagreements['rows']): number {
  return rows.filter(({ why }) => why === unexplained).length
}
