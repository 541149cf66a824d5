import { join } from 'node:path'
import { readWorkspace } from '@atlas/manifest'
import {
  type Bump,
  bumps,
  changesetText,
  greater,
  removeLeftovers,
  writeAtomically,
} from '@atlas/release/workspace'
import { ask } from '../../ask.ts'
import { readBranch } from '../../changesets/branch.ts'
import { draftFile, draftSummary } from '../../changesets/draft.ts'
import { type ServletChange, servletChanges } from '../../changesets/gate.ts'
import { CommandError, exitCode } from '../../exit-code.ts'
import { baseOf } from '../../git/base.ts'
import { canAsk } from '../../interaction.ts'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import { formatFindings, type Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** Options of `atlas change`. */
export interface ChangeOptions {
  readonly cwd: string
  /** All that have changed when empty. */
  readonly servlets: readonly string[]
  readonly bump?: Bump
  readonly message?: string
  readonly base?: string
  readonly json: boolean
}

/** `atlas change`: drafts a changeset for servlets that have changed and whose changesets do not say so yet. */
export async function change(options: ChangeOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const workspace = await readWorkspace(root)
  const names = servletsOf(workspace).map(folderOf)
  for (const name of options.servlets) mustBeOneOf('servlet', name, names)
  await removeLeftovers(join(root, '.changeset'))
  const base = await baseOf(root, options.base)
  if (base.kind === 'none')
    throw new CommandError(
      `${base.why}, so there is nothing to compare with; say --base BRANCH, or write the file with npx changeset`,
    )
  if (base.kind === 'not-here') throw new CommandError(`${base.why}; ${base.remedy}`, exitCode.outside)
  const { live, findings } = await staleDocuments(workspace)
  const broken = findings.filter(
    ({ rule }) => rule !== 'interface/stale' && rule !== 'servlet/interface-missing',
  )
  const wanted = options.servlets.length === 0 ? names : options.servlets
  const hiding = broken.filter(({ file }) => wanted.some((name) => file.includes(`/${name}/`)))
  if (hiding.length > 0) {
    for (const line of formatFindings(hiding)) output.note(line)
    throw new CommandError('the contracts above cannot be compared until they load')
  }
  const branch = await readBranch(workspace, base)
  const open = servletChanges(workspace, branch, live).filter(
    (each) => wanted.includes(each.name) && isOpen(each, options.bump),
  )
  const untold = branch.unread ? [branch.unread] : open.flatMap(({ pkg }) => branch.untold.get(pkg.dir) ?? [])
  if (untold.length > 0) {
    for (const line of formatFindings(untold)) output.note(line)
    throw new CommandError(
      'no step can be proven without the interfaces above; npx changeset writes one unproven',
    )
  }
  if (open.length === 0) return nothing(options, base.ref, output)
  const releases = new Map(open.map((each) => [each.pkg.name, stepOf(each, options.bump)]))
  const draft = options.message ?? open.map(draftSummary).join('\n\n')
  const isAsked = options.message === undefined && canAsk(options.json)
  if (isAsked) for (const line of draft.split('\n')) output.note(line)
  const said = isAsked
    ? await ask.text('What should those who depend on it know?', {
        optional: true,
        placeholder: 'the draft above',
      })
    : ''
  const text = changesetText(releases, said === '' ? draft : said)
  const file = draftFile(
    open.map(({ name }) => name),
    text,
  )
  await writeAtomically(join(root, file), text)
  if (options.json)
    output.json({
      written: file,
      releases: Object.fromEntries(releases),
      servlets: open.map(({ name, comparison, needed }) => ({
        name,
        bump: needed,
        order: comparison.order,
        changes: comparison.changes,
      })),
    })
  else {
    output.print(`wrote ${file}`)
    for (const { name, pkg, comparison } of open)
      output.print(`    ${name}: ${releases.get(pkg.name)}${orders[comparison.order]}`)
  }
  return exitCode.done
}

const orders = {
  any: '',
  'servlet-first': '; new callers need it, so it goes out before them',
  'callers-first': '; it breaks old callers, so they go out before it',
  'in-steps': '; it breaks old callers, and new ones need it: add the new, move callers, then remove the old',
} as const

function isOpen({ asked, needed }: ServletChange, bump: Bump | undefined): boolean {
  const step = bump === undefined ? needed : greater(needed, bump)
  return step !== 'none' && (asked === undefined || bumps.indexOf(asked) < bumps.indexOf(step))
}

function stepOf({ name, needed, hurting }: ServletChange, bump: Bump | undefined): Bump {
  if (bump === undefined || bumps.indexOf(bump) >= bumps.indexOf(needed)) return bump ?? needed
  const [first] = hurting
  throw new CommandError(
    `${name} needs a ${needed} version${first ? `: ${first.message}` : ''}; leave --bump out, or make the change compatibly`,
  )
}

function nothing({ servlets, json }: ChangeOptions, ref: string, output: Output): number {
  if (json) output.json({ written: null, releases: {}, servlets: [] })
  else
    output.print(
      `${servlets.length === 0 ? 'nothing' : servlets.join(', ')} has changed since ${ref} that a changeset does not say already`,
    )
  return exitCode.done
}
