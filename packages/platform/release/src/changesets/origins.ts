import { git } from '../git/git.ts'

/** Where a changeset came from. */
export interface Origin {
  /** The commit that brought it to this branch: its own, or the merge. */
  readonly commit: string
  /** The number of the pull request or merge request that the commit names. */
  readonly pull?: string
}

/** How hosts of code name a pull request in the commit that takes it in. */
const pulls = [
  /^Merge pull request #(\d+) /,
  /^[^\n]*\(#(\d+)\)\s*$/m,
  /^[^\n]*\(pull request #(\d+)\)/,
  /^See merge request \S*!(\d+)\s*$/m,
]

/** Where changesets came from, by file; those that a shallow clone cannot know are left out. */
export async function originsOf(
  root: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, Origin>> {
  const origins = new Map<string, Origin>()
  if (files.length === 0) return origins
  // Of what came by a merge, the merge: it names the pull request, and its other parent has the rest.
  const log = await git(root, [
    'log',
    '--first-parent',
    '--diff-merges=first-parent',
    '--diff-filter=A',
    '--no-renames',
    '--relative',
    '--name-only',
    '--format=%x00%H%x00%D%x00%B%x00',
    '--',
    ...files,
  ])
  const [, ...fields] = log.stdout.split('\0')
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [commit, decoration, message, names] = fields.slice(at, at + 4) as [string, string, string, string]
    // Where a shallow clone begins, everything seems to be new.
    if (/(^|, )grafted(,|$)/.test(decoration)) continue
    const pull = pulls.map((each) => each.exec(message)?.[1]).find((number) => number !== undefined)
    // The newest first: a name may have been used before.
    for (const file of names.trim().split('\n'))
      if (!origins.has(file)) origins.set(file, { commit, ...(pull !== undefined && { pull }) })
  }
  return origins
}
