import type { Deprecation } from '@atlas/contract'
import type { InterfaceDocument } from '@atlas/interface'
import { type Catalog, errorFinding, type Finding } from '@atlas/manifest'

/**
 * Calls of endpoints whose end is announced: a warning until the date that their contract names, an error from the day after.
 * Pure.
 *
 * @param documents by servlet
 * @param today `2026-11-25`, in UTC
 */
export function deprecatedCalls(
  { servlets }: Pick<Catalog, 'servlets'>,
  documents: ReadonlyMap<string, InterfaceDocument>,
  today: string,
): Finding[] {
  return servlets.flatMap(({ name, dir, calls }) =>
    Object.entries(documents.get(name)?.calls ?? calls).flatMap(([called, endpoints]) =>
      endpoints.flatMap((endpoint) => {
        const deprecated = documents.get(called)?.endpoints[endpoint]?.deprecated
        if (!deprecated) return []
        const finding = findingOf(`${called}.${endpoint}`, deprecated, today)
        return [{ ...finding, file: `${dir}/interface.json`, path: `calls.${called}` }]
      }),
    ),
  )
}

function findingOf(endpoint: string, { since, sunset, use }: Deprecation, today: string): Finding {
  const isOver = today > sunset
  const finding = errorFinding({
    rule: 'calls/deprecated',
    file: '',
    path: '',
    message: isOver
      ? `${endpoint} was to be used until ${sunset}, and may be gone any day`
      : `${endpoint} is deprecated since ${since}, and may be gone after ${sunset}`,
    remedy: `${use === undefined ? 'ask its owner what to call' : `call ${use}`} in its place, then run npx atlas interface`,
  })
  return isOver ? finding : { ...finding, severity: 'warning' }
}
