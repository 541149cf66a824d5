import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InterfaceDocument } from '@atlas/interface'
import { errorFinding, type Finding, type Workspace, type WorkspacePackage } from '@atlas/manifest'
import { type Changeset, filesIn, git, readChangeset } from '@atlas/release/workspace'
import type { Base } from '../git/base.ts'
import { servletsOf } from '../interface/servlets-of.ts'
import { baseInterface } from './base-interface.ts'

/** What a branch changes, as far as releases are concerned. Files that are not committed yet count. */
export interface Branch {
  /** Paths relative to the workspace that differ from the base. */
  readonly changed: ReadonlySet<string>
  /** Interface documents of the base, by folder of the servlet. */
  readonly before: ReadonlyMap<string, InterfaceDocument>
  /** Why the interface of a servlet that was there at the base cannot be told, by its folder. */
  readonly untold: ReadonlyMap<string, Finding>
  /** Versions of the servlets that were there at the base, by folder. */
  readonly known: ReadonlyMap<string, string>
  /** Folders of servlets that were there at the base and are not any more. */
  readonly removed: readonly string[]
  /** Changesets of the base that the branch changes or takes away, as they were. */
  readonly pending: readonly Changeset[]
  /** Changesets that are new or changed. */
  readonly changesets: readonly Changeset[]
  /** Changesets that cannot be read. */
  readonly findings: readonly Finding[]
  /** Why git could not read all of the base. What else is said of the branch is of no use then. */
  readonly unread?: Finding
}

/** Reads what a workspace changes since its base. */
export async function readBranch(
  workspace: Workspace,
  base: Extract<Base, { kind: 'found' }>,
): Promise<Branch> {
  const { root } = workspace
  const { commit, prefix } = base
  const servlets = servletsOf(workspace)
  const dirs = new Set(servlets.map(({ dir }) => dir))
  const [diff, untracked] = await Promise.all([
    git(root, ['diff', '--name-only', '--no-renames', '-z', '--relative', commit, '--', '.']),
    git(root, ['ls-files', '--others', '--exclude-standard', '-z', '--', '.']),
  ])
  const changed = new Set(
    [...diff.stdout.split('\0'), ...untracked.stdout.split('\0')].filter((file) => file !== ''),
  )
  const gone = [...changed]
    .filter((file) => file.endsWith('/servlet.json'))
    .map((file) => file.slice(0, -'/servlet.json'.length))
    .filter((dir) => !dirs.has(dir))
  const changesetsBefore = [...changed].filter(isChangeset)
  const wanted = [
    ...servlets.flatMap(({ dir }) =>
      ['servlet.json', 'interface.json', 'package.json'].map((file) => `${prefix}${dir}/${file}`),
    ),
    ...gone.map((dir) => `${prefix}${dir}/servlet.json`),
    ...changesetsBefore.map((file) => `${prefix}${file}`),
  ]
  const [listed, texts] = await Promise.all([
    git(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, '--', ...wanted]),
    filesIn(root, commit, wanted),
  ])
  const listing = new Set(listed.stdout.split('\0'))
  // A clone that is damaged, or partial and offline, has the names and not what is in the files.
  const lacking = wanted.find((file) => listing.has(file) && !texts.has(file))
  const failed = [diff, untracked, listed].find(({ ok }) => !ok)
  const why = failed?.stderr ?? (lacking === undefined ? undefined : `what is in ${lacking} is not here`)
  const before = new Map<string, InterfaceDocument>()
  const untold = new Map<string, Finding>()
  const known = new Map<string, string>()
  for (const { dir } of servlets) {
    const manifest = texts.get(`${prefix}${dir}/package.json`)
    if (manifest !== undefined) known.set(dir, versionIn(manifest))
    // What was no servlet then is new, whatever else was in its folder.
    if (!texts.has(`${prefix}${dir}/servlet.json`)) continue
    const then = baseInterface(dir, texts.get(`${prefix}${dir}/interface.json`), base)
    if (then.ok) before.set(dir, then.document)
    else untold.set(dir, then.finding)
  }
  const changesets: Changeset[] = []
  const findings: Finding[] = []
  for (const file of await changesetFiles(root)) {
    if (!changed.has(file)) continue
    const changeset = readChangeset(file, await readFile(join(root, file), 'utf8'))
    if ('rule' in changeset) findings.push(changeset)
    else changesets.push(changeset)
  }
  const pending = changesetsBefore.flatMap((file) => {
    const text = texts.get(`${prefix}${file}`)
    const changeset = text === undefined ? undefined : readChangeset(file, text)
    return changeset && !('rule' in changeset) ? [changeset] : []
  })
  const removed = gone.filter((dir) => texts.has(`${prefix}${dir}/servlet.json`))
  return {
    changed,
    before,
    untold,
    known,
    removed,
    pending,
    changesets,
    findings,
    ...(why === undefined ? {} : { unread: unreadable(base, why) }),
  }
}

function unreadable({ commit, ref }: Extract<Base, { kind: 'found' }>, why: string): Finding {
  return errorFinding({
    rule: 'changeset/history',
    file: '.changeset/config.json',
    path: 'baseBranch',
    message: `git cannot read ${commit.slice(0, 12)}, where this branch left ${ref}: ${why.split('\n').at(-1)}`,
    remedy: 'run git fetch --refetch origin, and git fsck if that does not help',
  })
}

function isChangeset(file: string): boolean {
  return /^\.changeset\/[^/]+\.md$/.test(file) && file !== '.changeset/README.md'
}

/** The version in the text of a package.json; empty where there is none. */
function versionIn(text: string): string {
  try {
    return String((JSON.parse(text) as { version?: unknown }).version ?? '')
  } catch {
    return ''
  }
}

async function changesetFiles(root: string): Promise<string[]> {
  const names = await readdir(join(root, '.changeset')).catch(() => [])
  return names
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => `.changeset/${name}`)
}

/** The changed files of a package that reach those who use it: tests and texts for people do not. */
export function releasedChanges({ dir }: WorkspacePackage, { changed }: Branch): string[] {
  return [...changed].filter(
    (file) =>
      file.startsWith(`${dir}/`) &&
      !/\.test(-d)?\.tsx?$|\.md$|\/(test|tests|fixtures|__snapshots__)\/|\/(tsconfig|vitest\.config)[^/]*$/.test(
        file,
      ),
  )
}
