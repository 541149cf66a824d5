import { errorFinding, type Finding } from '@atlas/manifest'
import { parseChangesetFile } from '@changesets/parse'
import type { Bump } from '../seam.ts'

/** The steps that a changeset may ask for, least first. */
export const bumps: readonly Bump[] = ['none', 'patch', 'minor', 'major']

/** The greater of two steps. */
export function greater(a: Bump, b: Bump): Bump {
  return bumps.indexOf(a) >= bumps.indexOf(b) ? a : b
}

/** A break that an owner accepts: a rule, everywhere or below a path. */
export interface Acceptance {
  readonly rule: string
  readonly path: string | undefined
  /** As written. */
  readonly line: string
}

/** A file in `.changeset`. */
export interface Changeset {
  /** `.changeset/brave-pens-sing.md` */
  readonly file: string
  /** By package. */
  readonly releases: ReadonlyMap<string, Bump>
  readonly summary: string
  readonly accepts: readonly Acceptance[]
}

/** Reads a changeset; one that cannot be read is a finding. */
export function readChangeset(file: string, text: string): Changeset | Finding {
  try {
    const { releases, summary } = parseChangesetFile(text)
    return {
      file,
      releases: new Map(releases.map(({ name, type }) => [name, type as Bump])),
      summary,
      accepts: acceptancesIn(summary),
    }
  } catch (error) {
    return errorFinding({
      rule: 'changeset/unreadable',
      file,
      path: '',
      message: `is no changeset: ${(error as Error).message.split('\n')[0]}`,
      remedy: 'correct it, or delete it and run npx atlas change',
    })
  }
}

/** `accept: output/value endpoints.greet.output.mood`, a line of its own; the path may be left out, what follows ` - ` is for people. */
function acceptancesIn(summary: string): Acceptance[] {
  return summary.split('\n').flatMap((written) => {
    const line = written.trim()
    const match = /^accept:\s+([a-z]+\/[a-z-]+)(?:\s+([^\s-]\S*))?(?:\s+-\s.*)?$/.exec(line)
    return match ? [{ rule: match[1]!, path: match[2], line }] : []
  })
}

/** Whether an acceptance is about a rule at a path, or below its own. */
export function accepts(
  { rule, path }: Acceptance,
  change: { readonly rule: string; readonly path: string },
): boolean {
  if (rule !== change.rule) return false
  if (path === undefined || path === change.path) return true
  return change.path.startsWith(path) && /^[.[]/.test(change.path.slice(path.length))
}

/** The text of a changeset. */
export function changesetText(releases: ReadonlyMap<string, Bump>, summary: string): string {
  const lines = [...releases].map(([name, bump]) => `${JSON.stringify(name)}: ${bump}`)
  return `---\n${lines.join('\n')}\n---\n\n${summary.trim()}\n`
}
