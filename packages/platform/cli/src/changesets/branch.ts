import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import type { Finding, Workspace, WorkspacePackage } from '@atlas/manifest'
import { type Changeset, filesIn, git, readChangeset } from '@atlas/release/workspace'
import type { Base } from '../git/base.ts'
import { servletsOf } from '../interface/servlets-of.ts'

/** What a branch changes, as far as releases are concerned. Files that are not committed yet count. */
export interface Branch {
  /** Paths relative to the workspace that differ from the base. */
  readonly changed: ReadonlySet<string>
  /** Interface documents of the base, by folder of the servlet. */
  readonly before: ReadonlyMap<string, InterfaceDocument>
  /** Folders of servlets that were there at the base. */
  readonly known: ReadonlySet<string>
  /** Changesets that are new or changed. */
  readonly changesets: readonly Changeset[]
  /** Changesets that cannot be read. */
  readonly findings: readonly Finding[]
}

/** Reads what a workspace changes since its base. */
export async function readBranch(
  workspace: Workspace,
  base: Extract<Base, { kind: 'found' }>,
): Promise<Branch> {
  const { root } = workspace
  const { commit, prefix } = base
  const [diff, untracked] = await Promise.all([
    git(root, ['diff', '--name-only', '--no-renames', '-z', '--relative', commit, '--', '.']),
    git(root, ['ls-files', '--others', '--exclude-standard', '-z', '--', '.']),
  ])
  const changed = new Set(
    [...diff.stdout.split('\0'), ...untracked.stdout.split('\0')].filter((file) => file !== ''),
  )
  const servlets = servletsOf(workspace)
  const texts = await filesIn(
    root,
    commit,
    servlets.flatMap(({ dir }) =>
      ['interface.json', 'package.json'].map((file) => `${prefix}${dir}/${file}`),
    ),
  )
  const before = new Map<string, InterfaceDocument>()
  const known = new Set<string>()
  for (const { dir } of servlets) {
    if (texts.has(`${prefix}${dir}/package.json`)) known.add(dir)
    const text = texts.get(`${prefix}${dir}/interface.json`)
    const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
    if (parsed?.ok) before.set(dir, parsed.value)
  }
  const changesets: Changeset[] = []
  const findings: Finding[] = []
  for (const file of await changesetFiles(root)) {
    if (!changed.has(file)) continue
    const read = readChangeset(file, await readFile(join(root, file), 'utf8'))
    if ('rule' in read) findings.push(read)
    else changesets.push(read)
  }
  return { changed, before, known, changesets, findings }
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
