import type { Comparison, ImportedServlet } from '@atlas/interface'
import type { OasdiffFinding } from './history.ts'

/** On how many operations two tools report something, and what the one says where the other says nothing. */
export interface Agreement {
  readonly both: number
  readonly atlasOnly: number
  readonly oasdiffOnly: number
  /** Rules of oasdiff on the operations that only it reports. */
  readonly rules: readonly { readonly id: string; readonly findings: number }[]
}

/** The operations of a servlet whose old callers may be hurt, `GET /users/{name}`. */
export function breaksOf({ document }: ImportedServlet, { changes }: Comparison): string[] {
  return changes.flatMap(({ direction, severity, endpoint }) => {
    const hurts = direction === 'old-caller' && (severity === 'breaking' || severity === 'possibly-breaking')
    const route = endpoint === undefined ? undefined : document.endpoints[endpoint]?.route
    return hurts && route !== undefined ? [route] : []
  })
}

/** Compares by operation; operations that were not imported are left out, since nothing could be said of them. */
export function agreement(
  atlas: ReadonlySet<string>,
  oasdiff: readonly OasdiffFinding[],
  before: ReadonlyMap<string, ImportedServlet>,
): Agreement {
  const known = new Set(
    [...before.values()].flatMap(({ document }) =>
      Object.values(document.endpoints).map(({ route }) => route),
    ),
  )
  const theirs = new Map<string, OasdiffFinding[]>()
  for (const finding of oasdiff) {
    const operation = `${finding.operation} ${finding.path}`
    if (!known.has(operation)) continue
    theirs.set(operation, [...(theirs.get(operation) ?? []), finding])
  }
  const counts = new Map<string, number>()
  for (const [operation, findings] of theirs)
    if (!atlas.has(operation)) for (const { id } of findings) counts.set(id, (counts.get(id) ?? 0) + 1)
  const both = [...theirs.keys()].filter((operation) => atlas.has(operation)).length
  return {
    both,
    atlasOnly: [...atlas].filter((operation) => !theirs.has(operation)).length,
    oasdiffOnly: theirs.size - both,
    rules: [...counts].map(([id, findings]) => ({ id, findings })).sort((a, b) => b.findings - a.findings),
  }
}
