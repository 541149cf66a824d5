import type { InterfaceDocument } from '../document.ts'
import { canonical, stableText } from '../document-text.ts'
import { idOfRef, type JsonSchema, refsIn } from '../json-schema.ts'
import { sortedEntries } from '../records.ts'
import { additions } from './additions.ts'
import type { Change } from './finding.ts'
import { meeting } from './meeting.ts'
import { endpointPairs } from './pairs.ts'

/** The step that a version takes. */
export type Bump = 'major' | 'minor' | 'patch' | 'none'

/**
 * In which order a servlet and its callers can go out. `any`: old and new get along both ways, and a rollback is safe.
 * `servlet-first`: callers of the new version need it. `callers-first`: callers of the old version are broken by it.
 * `in-steps`: both; add the new, move the callers, then remove the old.
 */
export type RolloutOrder = 'any' | 'servlet-first' | 'callers-first' | 'in-steps'

/** What the difference of two interface documents means. */
export interface Comparison {
  /** Both directions: old callers first, the more severe first. */
  readonly changes: readonly Change[]
  /** The least step that a version with the new document may take. */
  readonly bump: Bump
  readonly order: RolloutOrder
  /** Prefixes of mounts in both documents: what is mounted is opaque, and was not compared. */
  readonly opaque: readonly string[]
}

const ranks = { breaking: 0, 'possibly-breaking': 1, minor: 2, patch: 3 } as const

/**
 * Compares two interface documents of a servlet. Everything follows from one rule, applied twice: what the one side may
 * send the other must take, first for callers of the old document that meet the new servlet, then for callers of the new
 * document that meet the old servlet. Pure; runs no product code.
 */
export function compare(before: InterfaceDocument, after: InterfaceDocument): Comparison {
  const opaque = Object.keys(before.mounts ?? {}).filter((prefix) =>
    Object.hasOwn(after.mounts ?? {}, prefix),
  )
  if (stableText(canonical(before)) === stableText(canonical(after)))
    return { changes: [], bump: 'none', order: 'any', opaque }
  const forth = endpointPairs(before, after)
  const back = endpointPairs(after, before)
  const oldCallers = meeting(before, after, forth, 'old-caller')
  const newCallers = meeting(after, before, back, 'new-caller')
  const added = additions(before, after, forth)
  const oldSide = [...oldCallers, ...added]
  oldSide.push(...loosened(newCallers, oldSide, forth))
  oldSide.push(...reworded(before, after, forth, oldSide))
  const changes = [...oldSide.sort(bySeverity), ...newCallers.sort(bySeverity)]
  const hurtsOld = oldSide.some(({ severity }) => ranks[severity] < 2)
  const hurtsNew = newCallers.length > 0
  return {
    changes,
    bump: hurtsOld ? 'major' : oldSide.some(({ severity }) => severity === 'minor') ? 'minor' : 'patch',
    order: hurtsOld ? (hurtsNew ? 'in-steps' : 'callers-first') : hurtsNew ? 'servlet-first' : 'any',
    opaque,
  }
}

function bySeverity(a: Change, b: Change): number {
  return ranks[a.severity] - ranks[b.severity]
}

/** What new callers may send or must expect, said of the change itself: an input that takes more, an output that promises more. */
function loosened(
  newCallers: readonly Change[],
  known: readonly Change[],
  pairs: { servletOf(name: string): string | undefined; callerOf(name: string): string | undefined },
): Change[] {
  const seen = new Set(known.map(({ path }) => path))
  return newCallers.flatMap((change): Change[] => {
    const [part, kind = ''] = change.rule.split('/')
    if (
      change.endpoint === undefined ||
      pairs.callerOf(change.endpoint) === undefined ||
      seen.has(change.path)
    )
      return []
    const isInput = part === 'input'
    if (!isInput && part !== 'output' && part !== 'error') return []
    seen.add(change.path)
    return [
      {
        rule: `${part}/${isInput ? 'widened' : 'narrowed'}`,
        severity: 'minor',
        direction: 'old-caller',
        endpoint: change.endpoint,
        path: change.path,
        message: isInput
          ? `${change.endpoint} takes more than before (${kind.replaceAll('-', ' ')})`
          : `${change.endpoint} promises more than before (${kind.replaceAll('-', ' ')})`,
        remedy: 'nothing to do',
      },
    ]
  })
}

/** Endpoints that differ in what no message shows: descriptions, titles, names of shared schemas. */
function reworded(
  before: InterfaceDocument,
  after: InterfaceDocument,
  pairs: { servletOf(name: string): string | undefined },
  known: readonly Change[],
): Change[] {
  const changed = new Set(known.map(({ endpoint }) => endpoint))
  const patch = (rule: string, path: string, message: string, endpoint?: string): Change => ({
    rule,
    severity: 'patch',
    direction: 'old-caller',
    ...(endpoint === undefined ? {} : { endpoint }),
    path,
    message,
    remedy: 'nothing to do',
  })
  const found = sortedEntries(before.endpoints).flatMap(([name]) => {
    const other = pairs.servletOf(name)
    if (other === undefined || changed.has(name)) return []
    return textOf(before, name) === textOf(after, other)
      ? []
      : [patch('endpoint/described', `endpoints.${name}`, `${name} is described differently`, name)]
  })
  if (stableText(before.calls ?? {}) !== stableText(after.calls ?? {}))
    found.push(patch('servlet/calls', 'calls', 'it calls other endpoints than before'))
  if (found.length === 0 && known.length === 0)
    found.push(patch('servlet/described', '', 'the document differs in what no caller sees'))
  return found
}

/** An endpoint with all shared schemas that it reaches, as text. */
function textOf({ endpoints, schemas = {} }: InterfaceDocument, name: string): string {
  const endpoint = endpoints[name]!
  const { output, errors = {} } = endpoint
  const pending = [
    endpoint.input,
    ...('schema' in output ? [output.schema] : 'stream' in output ? [output.stream] : []),
    ...Object.values(errors).map(({ data }) => data),
  ].flatMap((schema) => [...refsIn(schema)])
  const reached: Record<string, JsonSchema> = {}
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    const id = idOfRef(ref)
    if (id === undefined || !Object.hasOwn(schemas, id) || Object.hasOwn(reached, id)) continue
    reached[id] = schemas[id]!
    pending.push(...refsIn(schemas[id]!))
  }
  return stableText({ endpoint, reached })
}
