import type { Change, Comparison, ImportedServlet } from '@atlas/interface'
import type { OasdiffFinding } from './history.ts'

/** What two tools say of operations that both know, by operation, `GET /users/{name}`. */
export interface Agreement {
  readonly both: readonly string[]
  readonly atlasOnly: readonly string[]
  readonly oasdiffOnly: ReadonlyMap<string, readonly OasdiffFinding[]>
}

/** What hurts old callers of a servlet, by operation. */
export function breaksOf({ document }: ImportedServlet, { changes }: Comparison): Map<string, Change[]> {
  const found = new Map<string, Change[]>()
  for (const change of changes) {
    const { direction, severity, endpoint } = change
    const hurts = direction === 'old-caller' && (severity === 'breaking' || severity === 'possibly-breaking')
    const route = endpoint === undefined ? undefined : document.endpoints[endpoint]?.route
    if (hurts && route !== undefined) found.set(route, [...(found.get(route) ?? []), change])
  }
  return found
}

/** Compares by operation; operations that were not imported are left out, since nothing could be said of them. */
export function agreement(
  atlas: ReadonlyMap<string, unknown>,
  oasdiff: readonly OasdiffFinding[],
  imported: ReadonlySet<string>,
): Agreement {
  const theirs = new Map<string, OasdiffFinding[]>()
  for (const finding of oasdiff) {
    const operation = `${finding.operation} ${finding.path}`
    if (!imported.has(operation)) continue
    theirs.set(operation, [...(theirs.get(operation) ?? []), finding])
  }
  return {
    both: [...theirs.keys()].filter((operation) => atlas.has(operation)),
    atlasOnly: [...atlas.keys()].filter((operation) => !theirs.has(operation)),
    oasdiffOnly: new Map([...theirs].filter(([operation]) => !atlas.has(operation))),
  }
}
