import { git } from '../git/git.ts'
import type { Hotfix } from './hotfixes-file.ts'

/**
 * Whether what is checked out contains a hotfix: its commits were merged, or each was picked. One that was written anew in
 * another form is not seen; `git merge --strategy ours` says that it is there.
 *
 * @param fromTag the tag of the release that it was made from
 * @throws Error when the commits are not here, with the remedy
 */
export async function isContained(root: string, hotfix: Hotfix, fromTag: string): Promise<boolean> {
  for (const name of [hotfix.commit, `refs/tags/${fromTag}`]) {
    const here = await git(root, ['cat-file', '-e', `${name}^{commit}`])
    if (!here.ok)
      throw new Error(
        `whether the hotfix ${hotfix.version} is contained cannot be told: ${name} is not here; run git fetch --tags${(await isShallow(root)) ? ' --unshallow' : ''}`,
      )
  }
  if ((await git(root, ['merge-base', '--is-ancestor', hotfix.commit, 'HEAD'])).ok) return true
  // A shallow clone knows neither what was merged nor what was picked.
  if (await isShallow(root))
    throw new Error(
      `whether the hotfix ${hotfix.version} is contained cannot be told from a shallow clone; run git fetch --unshallow --tags`,
    )
  const picked = await git(root, ['cherry', 'HEAD', hotfix.commit, `refs/tags/${fromTag}`])
  if (!picked.ok) throw new Error(`git cherry fails: ${picked.stderr}`)
  const lines = picked.stdout.split('\n').filter((line) => line !== '')
  return lines.length > 0 && lines.every((line) => line.startsWith('-'))
}

async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
}
