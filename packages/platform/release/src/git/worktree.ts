import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git } from './git.ts'

/**
 * Does something in a checkout of a commit of its own, at the place of the workspace in it, and removes it. What a killed
 * process left of one with this name is removed first.
 *
 * @param name says what it is for; whoever holds the lock of releases is the only one who uses it
 * @throws Error when the commit cannot be checked out
 */
export async function inWorktree<T>(
  root: string,
  name: string,
  commit: string,
  work: (tree: string) => Promise<T>,
): Promise<T> {
  const tree = join(root, '.atlas/release', name)
  await remove(root, tree)
  await mkdir(dirname(tree), { recursive: true })
  const added = await git(root, ['worktree', 'add', '--quiet', '--detach', tree, commit])
  if (!added.ok) throw new Error(`${commit} cannot be checked out: ${added.stderr}`)
  try {
    const prefix = (await git(root, ['rev-parse', '--show-prefix'])).stdout.trim()
    return await work(join(tree, prefix))
  } finally {
    await remove(root, tree)
  }
}

async function remove(root: string, tree: string): Promise<void> {
  await git(root, ['worktree', 'remove', '--force', tree])
  await rm(tree, { recursive: true, force: true })
  await git(root, ['worktree', 'prune'])
}
