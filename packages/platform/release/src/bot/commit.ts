import { git } from '../git/git.ts'
import { beginChanges, changesBegun, type FileChanges, forgetChanges } from '../version/journal.ts'

/** Where commits of releases go. */
export interface Upstream {
  readonly remote: string
  readonly branch: string
}

/** The name of the branch that releases are made from: the remote's where there is one, and nothing where there is none. */
export async function branchOf(root: string, upstream: Upstream | undefined): Promise<string> {
  return upstream?.branch ?? (await git(root, ['branch', '--show-current'])).stdout.trim()
}

/** The remote branch that the current one follows; undefined where it follows none. */
export async function upstreamOf(root: string): Promise<Upstream | undefined> {
  const branch = (await git(root, ['branch', '--show-current'])).stdout.trim()
  if (branch === '') return undefined
  const [remote, merge] = await Promise.all([
    git(root, ['config', `branch.${branch}.remote`]),
    git(root, ['config', `branch.${branch}.merge`]),
  ])
  if (!remote.ok || !merge.ok) return undefined
  return { remote: remote.stdout.trim(), branch: merge.stdout.trim().replace('refs/heads/', '') }
}

/** Changes files and commits them: all of it, or, after a kill, all of it by {@link resumeCommit}. */
export async function commitChanges(root: string, changes: FileChanges, message: string): Promise<void> {
  await beginChanges(root, { ...changes, what: message })
  await commit(root, changes, message)
  await forgetChanges(root)
}

/**
 * Completes a commit that was begun.
 *
 * @throws Error when the branch has moved meanwhile, with the remedy
 */
export async function resumeCommit(root: string): Promise<boolean> {
  const changes = await changesBegun(root)
  if (changes === undefined) return false
  const head = (await git(root, ['rev-parse', 'HEAD'])).stdout.trim()
  const parent = (await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^'])).stdout.trim()
  if (head === changes.base) {
    await beginChanges(root, changes)
    await commit(root, changes, changes.what)
  } else if (parent !== changes.base)
    throw new Error(
      `a release was interrupted at ${changes.base.slice(0, 12)} and the branch has moved since; run git checkout ${changes.base} and the command again, or give it up: git checkout -- . && rm .atlas/release/journal.json`,
    )
  await forgetChanges(root)
  return true
}

async function commit(root: string, { files }: FileChanges, message: string): Promise<void> {
  const nul = Object.keys(files)
    .map((name) => `${name}\0`)
    .join('')
  // Not git add: it refuses a removed file that is not in the index any more, which a kill after it leaves.
  const staged = await git(root, ['update-index', '--add', '--remove', '-z', '--stdin'], nul)
  if (!staged.ok) throw new Error(`git update-index fails: ${staged.stderr}`)
  if ((await git(root, ['diff', '--cached', '--quiet'])).ok) return
  const who = (await git(root, ['config', 'user.email'])).ok
    ? []
    : ['-c', 'user.name=Atlas releases', '-c', 'user.email=releases@localhost']
  const made = await git(root, [...who, 'commit', '--quiet', '--no-verify', '--file=-'], message)
  if (!made.ok) throw new Error(`git commit fails: ${made.stderr}`)
}

/**
 * Pushes the branch. Never forced: who was quicker wins.
 *
 * @throws Error with the remedy
 */
export async function pushBranch(root: string, upstream: Upstream | undefined): Promise<void> {
  if (!upstream) return
  const pushed = await git(root, ['push', '--quiet', upstream.remote, `HEAD:refs/heads/${upstream.branch}`])
  if (!pushed.ok)
    throw new Error(
      `${upstream.branch} cannot be pushed (${pushed.stderr}); if it has moved, run git pull --rebase and the command again`,
    )
}

/**
 * Gets the tags of the remote: what is published, and what runs, is read at them, and a fresh clone may not have them.
 *
 * @throws Error with the remedy
 */
export async function fetchTags(root: string, upstream: Upstream | undefined): Promise<void> {
  if (!upstream) return
  const fetched = await git(root, ['fetch', '--quiet', '--tags', upstream.remote])
  if (!fetched.ok)
    throw new Error(
      `the tags of ${upstream.remote} cannot be fetched (${fetched.stderr}); where a tag here is not the one there, run git tag --delete on it and the command again`,
    )
}

/** @throws Error that names a file that is changed, or new in a package, and not committed */
export async function mustBeClean(root: string): Promise<void> {
  const [changed, added] = await Promise.all([
    git(root, ['status', '--porcelain', '--untracked-files=no']),
    // Elsewhere it is nobody's business; in a package it may be in a bundle.
    git(root, ['ls-files', '--others', '--exclude-standard', '--', 'packages']),
  ])
  for (const { ok, stderr } of [changed, added]) if (!ok) throw new Error(`git status fails: ${stderr}`)
  const first = changed.stdout.split('\n')[0] || added.stdout.split('\n')[0]
  if (first)
    throw new Error(
      `there are changes that are not committed (${first.trim()}); releases are made from commits: commit or stash them`,
    )
}
