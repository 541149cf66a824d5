import { mustBeClean, upstreamOf } from '../bot/commit.ts'
import { tagOf } from '../gather/held-by.ts'
import { git } from '../git/git.ts'
import type { Trunk } from './trunk.ts'

/** The branch on which a release is fixed. */
export function hotfixBranch(servlet: string, from: string): string {
  return `hotfix/${servlet}-${from}`
}

/** How a hotfix was begun. */
export interface BegunHotfix {
  readonly branch: string
  /** Whether it was there before. */
  readonly resumed: boolean
  readonly trunk: Trunk
  /** Whether packages have to be installed anew before anything is tested. */
  readonly installs: boolean
}

/**
 * Checks out the branch on which a release is fixed: from the tag of the release, or as it is where it was begun before. It
 * remembers the branch that one comes from, whose environments will get the fix.
 *
 * @throws Error with the remedy
 */
export async function beginHotfix(
  root: string,
  { servlet, package: packageName }: { readonly servlet: string; readonly package: string },
  from: string,
): Promise<BegunHotfix> {
  const branch = hotfixBranch(servlet, from)
  const current = (await git(root, ['branch', '--show-current'])).stdout.trim()
  if (current === branch) {
    const trunk = await trunkOf(root, branch)
    return { branch, resumed: true, trunk, installs: false }
  }
  await mustBeClean(root)
  const tag = tagOf(packageName, from)
  const released = await git(root, ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`])
  if (!released.ok) throw new Error(await noRelease(root, packageName, from))
  if (current === '')
    throw new Error(
      'no branch is checked out; check out the one that releases are made from, so that it is known where the fix goes',
    )
  const upstream = await upstreamOf(root)
  const trunk = current.startsWith('hotfix/')
    ? await trunkOf(root, current)
    : { remote: upstream?.remote, branch: upstream?.branch ?? current }
  const before = await git(root, ['rev-parse', 'HEAD:./package-lock.json'])
  await remember(root, branch, trunk)
  const resumed =
    (await git(root, ['switch', '--quiet', branch])).ok ||
    (trunk.remote !== undefined &&
      (await git(root, ['fetch', '--quiet', trunk.remote, `refs/heads/${branch}`])).ok &&
      (await git(root, ['switch', '--quiet', '--no-track', '--create', branch, 'FETCH_HEAD'])).ok)
  if (!resumed) {
    const made = await git(root, [
      'switch',
      '--quiet',
      '--no-track',
      '--create',
      branch,
      released.stdout.trim(),
    ])
    if (!made.ok) throw new Error(`${branch} cannot be checked out: ${made.stderr}`)
  }
  const after = await git(root, ['rev-parse', 'HEAD:./package-lock.json'])
  return {
    branch,
    resumed,
    trunk,
    installs: after.ok && before.stdout !== after.stdout,
  }
}

/**
 * The branch that a hotfix was begun from.
 *
 * @throws Error when that is not known
 */
export async function trunkOf(root: string, branch: string): Promise<Trunk> {
  const [remote, trunk] = await Promise.all(
    ['remote', 'atlastrunk'].map(async (key) => {
      const said = await git(root, ['config', `branch.${branch}.${key}`])
      return said.ok ? said.stdout.trim() : undefined
    }),
  )
  if (trunk === undefined)
    throw new Error(
      `it is not known here which branch ${branch} was begun from; name it with --onto, such as --onto main`,
    )
  return { remote, branch: trunk }
}

/** In the configuration of the branch, which is there before the branch is. */
async function remember(root: string, branch: string, { remote, branch: trunk }: Trunk): Promise<void> {
  const values: Record<string, string> = { atlastrunk: trunk }
  if (remote !== undefined) Object.assign(values, { remote, merge: `refs/heads/${branch}` })
  for (const [key, value] of Object.entries(values)) {
    const set = await git(root, ['config', `branch.${branch}.${key}`, value])
    if (!set.ok) throw new Error(`git cannot write its configuration: ${set.stderr}`)
  }
}

async function noRelease(root: string, packageName: string, version: string): Promise<string> {
  const prefix = `${packageName}@`
  const tags = await git(root, ['tag', '--list', '--sort=-version:refname', `${prefix}*`])
  const known = tags.stdout
    .split('\n')
    .filter((tag) => tag !== '')
    .map((tag) => tag.slice(prefix.length))
  return `there is no release ${version} of ${packageName} here${known.length > 0 ? `; there are ${known.slice(0, 8).join(', ')}` : ''}; if there is one, run git fetch --tags`
}
