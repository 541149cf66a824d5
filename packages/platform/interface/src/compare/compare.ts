import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import { equal } from '../equal.ts'
import type { JsonSchema } from '../json-schema.ts'
import { sortedEntries } from '../records.ts'
import { additions, undecidedRemedy } from './additions.ts'
import { within } from './effort.ts'
import type { Change } from './finding.ts'
import type { Identical } from './json/identical.ts'
import { meeting, sharedOf } from './meeting.ts'
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
 * document that meet the old servlet. Pure; runs no product code. What is too large to be compared to the end is possibly breaking.
 */
export function compare(before: InterfaceDocument, after: InterfaceDocument): Comparison {
  const made = within(mostSteps, () => compared(before, after))
  if (made.ok) return made.value
  const undecided: Omit<Change, 'direction'> = {
    rule: 'servlet/undecided',
    severity: 'possibly-breaking',
    path: '',
    message: 'whether old and new versions understand each other is not known',
    remedy: undecidedRemedy,
    reason: made.reason,
  }
  return {
    changes: [
      { ...undecided, direction: 'old-caller' },
      { ...undecided, direction: 'new-caller' },
    ],
    bump: 'major',
    order: 'in-steps',
    opaque: opaqueIn(before, after),
  }
}

/** How much is done for two documents. The largest of GitHub's 41 servlets take a twentieth of it. */
const mostSteps = 5_000_000

function opaqueIn(before: InterfaceDocument, after: InterfaceDocument): string[] {
  return Object.keys(before.mounts ?? {}).filter((prefix) => Object.hasOwn(after.mounts ?? {}, prefix))
}

function compared(before: InterfaceDocument, after: InterfaceDocument): Comparison {
  const opaque = opaqueIn(before, after)
  if (equal(before, after)) return { changes: [], bump: 'none', order: 'any', opaque }
  const forth = endpointPairs(before, after)
  const back = endpointPairs(after, before)
  const shared = sharedOf(before, after)
  const oldCallers = meeting(before, after, forth, 'old-caller', shared)
  const newCallers = meeting(after, before, back, 'new-caller', shared)
  const added = additions(before, after, forth, shared.identical)
  const oldSide = [...oldCallers, ...added]
  oldSide.push(...loosened(newCallers, oldSide, forth))
  oldSide.push(...reworded(before, after, forth, oldSide, shared.identical))
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
  identical: Identical,
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
    return isSame(before.endpoints[name]!, after.endpoints[other]!, identical)
      ? []
      : [patch('endpoint/described', `endpoints.${name}`, `${name} is described differently`, name)]
  })
  if (!equal(before.calls ?? {}, after.calls ?? {}))
    found.push(patch('servlet/calls', 'calls', 'it calls other endpoints than before'))
  if (found.length === 0 && known.length === 0)
    found.push(patch('servlet/described', '', 'the document differs in what no caller sees'))
  return found
}

/** Whether two endpoints are the same with all that they reference. */
function isSame(one: EndpointDocument, other: EndpointDocument, { same }: Identical): boolean {
  const [left, right] = [schemasOf(one), schemasOf(other)]
  return (
    equal(one, other) &&
    left.every((schema, index) => right[index] !== undefined && same(schema, right[index]))
  )
}

function schemasOf({ input, output, errors }: EndpointDocument): JsonSchema[] {
  return [
    input,
    ...('schema' in output ? [output.schema] : 'stream' in output ? [output.stream] : []),
    ...sortedEntries(errors).map(([, { data }]) => data),
  ]
}
