import { commitChanges } from '../bot/commit.ts'
import { git } from '../git/git.ts'
import { inWorktree } from '../git/worktree.ts'
import type { FileChanges } from '../version/journal.ts'

/** The branch that ordinary releases are made from. */
export interface Trunk {
  /** Where it is; here, where there is no remote. */
  readonly remote: string | undefined
  readonly branch: string
}

/** Files of a commit, and what it says. */
export interface TrunkChange {
  readonly files: FileChanges['files']
  readonly message: string
}

/** How often a commit is made anew because somebody else was quicker. */
const attempts = 5

/** Reads the trunk as it is now on its remote. */
export async function readTrunk<T>(
  root: string,
  trunk: Trunk,
  read: (tree: string) => Promise<T>,
): Promise<T> {
  return await inWorktree(root, 'trunk', await tipOf(root, trunk), read)
}

/**
 * Adds a commit to the trunk, whatever is checked out here. When the trunk moves meanwhile, the change is worked out again.
 *
 * @param change from the trunk as it is; undefined when there is nothing to change
 * @throws Error when the trunk cannot be reached or pushed, with the remedy
 */
export async function changeTrunk(
  root: string,
  trunk: Trunk,
  change: (tree: string) => Promise<TrunkChange | undefined>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const tip = await tipOf(root, trunk)
    const made = await inWorktree(root, 'trunk', tip, async (tree) => {
      const wanted = await change(tree)
      if (wanted === undefined) return undefined
      await commitChanges(tree, { base: tip, what: '', files: wanted.files }, wanted.message)
      return (await git(tree, ['rev-parse', 'HEAD'])).stdout.trim()
    })
    if (made === undefined || made === tip) return
    const moved = trunk.remote
      ? await git(root, ['push', '--quiet', trunk.remote, `${made}:refs/heads/${trunk.branch}`])
      : await git(root, ['update-ref', `refs/heads/${trunk.branch}`, made, tip])
    if (moved.ok) return
    if (attempt === attempts)
      throw new Error(`${trunk.branch} cannot be changed: ${moved.stderr}; run the command again`)
  }
}

async function tipOf(root: string, { remote, branch }: Trunk): Promise<string> {
  if (remote === undefined) {
    const listed = await git(root, ['worktree', 'list', '--porcelain'])
    if (listed.stdout.split('\n').includes(`branch refs/heads/${branch}`))
      throw new Error(
        `${branch} is checked out, so that it cannot be changed; check out another branch there`,
      )
    const tip = await git(root, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])
    if (!tip.ok) throw new Error(`there is no branch ${branch}; name the branch with --onto`)
    return tip.stdout.trim()
  }
  const fetched = await git(root, ['fetch', '--quiet', remote, `refs/heads/${branch}`])
  if (!fetched.ok) throw new Error(`${branch} cannot be fetched from ${remote}: ${fetched.stderr}`)
  return (await git(root, ['rev-parse', 'FETCH_HEAD'])).stdout.trim()
}
