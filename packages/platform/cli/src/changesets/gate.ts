import { type Change, type Comparison, compare, type InterfaceDocument } from '@atlas/interface'
import { errorFinding, type Finding, type Workspace, type WorkspacePackage } from '@atlas/manifest'
import { accepts, type Bump, bumps, type Changeset, greater } from '@atlas/release/workspace'
import { folderOf, servletsOf } from '../interface/servlets-of.ts'
import { type Branch, releasedChanges } from './branch.ts'

/** What a branch does to one servlet. */
export interface ServletChange {
  readonly name: string
  readonly pkg: WorkspacePackage
  /** Of the interface at the base and in the code now. */
  readonly comparison: Comparison
  /** Files that differ. */
  readonly files: readonly string[]
  /** Changes that hurt old callers and that no changeset accepts. */
  readonly hurting: readonly Change[]
  readonly accepted: readonly Change[]
  /** The least step that a changeset must ask for. */
  readonly needed: Bump
  /** What the changesets of the branch ask for; undefined where none names it. */
  readonly asked: Bump | undefined
}

/** What a branch does to the servlets that were there at its base. A new servlet is released as it is. */
export function servletChanges(
  workspace: Workspace,
  branch: Branch,
  live: ReadonlyMap<string, InterfaceDocument>,
): ServletChange[] {
  return servletsOf(workspace).flatMap((pkg) => {
    const [before, after] = [branch.before.get(pkg.dir), live.get(folderOf(pkg))]
    if (!branch.known.has(pkg.dir) || !after) return []
    const comparison: Comparison = before
      ? compare(before, after)
      : { changes: [], bump: 'none', order: 'any', opaque: [] }
    const files = releasedChanges(pkg, branch)
    const naming = branch.changesets.filter(({ releases }) => releases.has(pkg.name))
    const all = comparison.changes.filter(
      ({ direction, severity }) =>
        direction === 'old-caller' && (severity === 'breaking' || severity === 'possibly-breaking'),
    )
    const accepted = all.filter((change) =>
      naming.some((each) => each.accepts.some((one) => accepts(one, change))),
    )
    const hurting = all.filter((change) => !accepted.includes(change))
    if (comparison.bump === 'none' && files.length === 0 && naming.length === 0) return []
    const proven = comparison.bump === 'major' && hurting.length === 0 ? 'minor' : comparison.bump
    return [
      {
        name: folderOf(pkg),
        pkg,
        comparison,
        files,
        hurting,
        accepted,
        needed: greater(proven, files.length > 0 ? 'patch' : 'none'),
        asked: [
          ...naming.map(({ releases }) => releases.get(pkg.name)!),
          ...raised(branch.known.get(pkg.dir)!, pkg.version),
        ].reduce<Bump | undefined>((a, b) => greater(a ?? 'none', b), undefined),
      },
    ]
  })
}

/** The step by which a branch raises a version itself, as that of a release does. */
function raised(before: string, now: string): Bump[] {
  const [was, is] = [before, now].map((version) => version.split(/[.+-]/).slice(0, 3).map(Number))
  const at = is!.findIndex((part, index) => part !== was![index])
  return at >= 0 && is![at]! > was![at]! ? [(['major', 'minor', 'patch'] as const)[at]!] : []
}

/** At most these findings about one servlet: more are not read. */
const most = 10

/** What the changesets of a branch leave unsaid, say too little of, or say of nothing. */
export function gateFindings(
  workspace: Workspace,
  branch: Branch,
  servlets: readonly ServletChange[],
): Finding[] {
  if (branch.unread) return [branch.unread]
  return [
    ...branch.findings,
    ...untoldFindings(workspace, branch),
    ...servlets.flatMap((servlet) => servletFindings(servlet, branch)),
    ...branch.changesets.flatMap((changeset) => changesetFindings(changeset, workspace, branch, servlets)),
    ...removedFindings(branch),
    ...takenBackFindings(workspace, branch),
  ]
}

function servletFindings(servlet: ServletChange, { changesets }: Branch): Finding[] {
  const { name, pkg, needed, asked, hurting, files, comparison } = servlet
  if (needed === 'none' || (asked !== undefined && bumps.indexOf(asked) >= bumps.indexOf(needed))) return []
  const naming = changesets.find(({ releases }) => releases.has(pkg.name))
  const file = naming?.file ?? `${pkg.dir}/package.json`
  const rule = naming ? 'changeset/bump' : 'changeset/missing'
  const says = naming
    ? `asks for a ${asked} version of ${name}, and its interface proves ${needed}`
    : `${name} has changed, no changeset says so, and it needs a ${needed} version`
  const remedy = naming
    ? `write "${pkg.name}": ${needed}, or make the change compatibly`
    : `run npx atlas change ${name} and commit the file`
  const reasons =
    hurting.length > 0
      ? hurting
      : comparison.changes
          .filter(({ direction, severity }) => direction === 'old-caller' && severity === needed)
          .slice(0, 1)
  if (reasons.length === 0)
    return [errorFinding({ rule, file, path: pkg.name, message: `${says}: ${files[0]} differs`, remedy })]
  const shown = reasons.slice(0, most)
  const more = reasons.length - shown.length
  return shown.map((change, index) =>
    errorFinding({
      rule,
      file,
      path: change.path,
      message: `${says}: ${change.message} [${change.rule}]${index === most - 1 && more > 0 ? ` (and ${more} more)` : ''}${change.reason === undefined ? '' : `; undecided, because ${change.reason}`}`,
      remedy:
        hurting.length === 0
          ? remedy
          : `${change.remedy}; or ${remedy}; or let its owner accept it with a line "accept: ${change.rule} ${change.path}" in the changeset`,
      ...(change.witness === undefined
        ? {}
        : { witness: `${textOf(change.witness.value)} (${change.witness.outcome})` }),
    }),
  )
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}

function changesetFindings(
  { file, releases, accepts: lines }: Changeset,
  workspace: Workspace,
  branch: Branch,
  servlets: readonly ServletChange[],
): Finding[] {
  const findings: Finding[] = []
  for (const name of releases.keys()) {
    const pkg = workspace.packages.find((each) => each.name === name)
    if (!pkg)
      findings.push(
        errorFinding({
          rule: 'changeset/unknown',
          file,
          path: name,
          message: `there is no package '${name}' in the workspace`,
          remedy: 'correct the name, or remove the line',
        }),
      )
    else if (releases.get(name) !== 'none' && !reachesPackage(pkg, workspace, branch))
      findings.push(
        errorFinding({
          rule: 'changeset/nothing',
          file,
          path: name,
          message: `asks for a new version of '${name}', and neither it nor anything that it depends on has changed`,
          remedy: 'remove the line, or the file',
        }),
      )
  }
  for (const acceptance of lines) {
    const isUsed =
      branch.removed.some((dir) => accepts(acceptance, removal(dir))) ||
      untoldOf(workspace, branch).some(
        ({ pkg }) => releases.has(pkg.name) && accepts(acceptance, untold(pkg.dir)),
      ) ||
      servlets.some(
        ({ pkg, accepted }) =>
          releases.has(pkg.name) && accepted.some((change) => accepts(acceptance, change)),
      )
    if (!isUsed)
      findings.push(
        errorFinding({
          rule: 'changeset/accepts-nothing',
          file,
          path: acceptance.line,
          message: 'accepts a break that there is not',
          remedy: 'correct rule and path as atlas check wrote them, or remove the line',
        }),
      )
  }
  return findings
}

const untold = (dir: string) => ({ rule: 'changeset/base-interface', path: dir })

function untoldOf(workspace: Workspace, branch: Branch) {
  return servletsOf(workspace).flatMap((pkg) => {
    const finding = branch.untold.get(pkg.dir)
    return finding ? [{ pkg, finding }] : []
  })
}

/** Servlets whose interface at the base cannot be told: whatever has changed, no comparison says what it means. */
function untoldFindings(workspace: Workspace, branch: Branch): Finding[] {
  return untoldOf(workspace, branch)
    .filter(
      ({ pkg }) =>
        !branch.changesets.some(
          ({ releases, accepts: lines }) =>
            releases.has(pkg.name) && lines.some((line) => accepts(line, untold(pkg.dir))),
        ),
    )
    .map(({ finding }) => finding)
}

const removal = (dir: string) => ({ rule: 'changeset/servlet-removed', path: dir })

/** Servlets that are gone, with another name too: nothing is left that a version could be given to. */
function removedFindings({ removed, changesets }: Branch): Finding[] {
  return removed
    .filter((dir) => !changesets.some((each) => each.accepts.some((one) => accepts(one, removal(dir)))))
    .map((dir) =>
      errorFinding({
        rule: 'changeset/servlet-removed',
        file: `${dir}/servlet.json`,
        path: '',
        message:
          'this servlet is gone, and whoever calls it gets no answer; no changeset says that this is meant',
        remedy: `put it back; or, where npx atlas impact named nobody, write a changeset (npx changeset --empty) with a line "accept: changeset/servlet-removed ${dir}"`,
      }),
    )
}

/** Steps that changesets of the base ask for, that a branch takes away, and that it has no part in. */
function takenBackFindings(workspace: Workspace, { pending, changesets, changed, known }: Branch): Finding[] {
  return pending.flatMap(({ file, releases }) =>
    [...releases].flatMap(([name, before]) => {
      const pkg = workspace.packages.find((each) => each.name === name)
      const now = changesets.find((each) => each.file === file)?.releases.get(name) ?? 'none'
      if (!pkg || bumps.indexOf(now) >= bumps.indexOf(before)) return []
      // A release uses them up, and who undoes a change takes its changeset with it.
      const isTouched = [...changed].some((each) => each.startsWith(`${pkg.dir}/`))
      if (isTouched || (known.get(pkg.dir) ?? pkg.version) !== pkg.version) return []
      return [
        errorFinding({
          rule: 'changeset/taken-back',
          file,
          path: name,
          message: `the base branch asks for a ${before} version of '${name}' here, this branch for ${now === 'none' ? 'none' : `a ${now} one`}, and nothing of it has changed`,
          remedy: 'restore the file from the base branch',
        }),
      ]
    }),
  )
}

/** Whether a package, or one of the workspace that it depends on, has changed; the lockfile may have changed any. */
function reachesPackage(pkg: WorkspacePackage, workspace: Workspace, branch: Branch): boolean {
  if (branch.changed.has('package-lock.json')) return true
  const byName = new Map(workspace.packages.map((each) => [each.name, each]))
  const pending = [pkg]
  const seen = new Set(pending)
  for (let each = pending.pop(); each; each = pending.pop()) {
    const { dir } = each
    if ([...branch.changed].some((file) => file.startsWith(`${dir}/`))) return true
    for (const name of Object.keys(each.dependencies)) {
      const below = byName.get(name)
      if (!below || seen.has(below)) continue
      seen.add(below)
      pending.push(below)
    }
  }
  return false
}
