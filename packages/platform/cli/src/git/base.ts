import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '@atlas/release/workspace'

/** What a workspace is compared with. */
export type Base =
  | {
      readonly kind: 'found'
      readonly commit: string
      /** As people call it: `origin/main`. */
      readonly ref: string
      /** The folder of the workspace in the repository: empty, or with a slash at its end. */
      readonly prefix: string
    }
  /** There is nothing to compare with, and that is no fault: no git, no such branch yet. */
  | { readonly kind: 'none'; readonly why: string }
  /** There would be, were it here. */
  | { readonly kind: 'not-here'; readonly why: string; readonly remedy: string }

/**
 * The commit that a workspace's changes are told from: where HEAD and the base branch part. The branch is `--base`, else
 * `baseBranch` of `.changeset/config.json`, as its remote has it, else as it is here.
 */
export async function baseOf(root: string, wanted?: string): Promise<Base> {
  const top = await git(root, ['rev-parse', '--show-prefix'])
  if (!top.ok) return { kind: 'none', why: 'this is no git repository' }
  const head = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  if (!head.ok) return { kind: 'none', why: 'there is no commit yet' }
  const branch = wanted ?? (await baseBranch(root))
  const ref = await firstRef(
    root,
    wanted === undefined ? [`origin/${branch}`, branch] : [wanted, `origin/${wanted}`],
  )
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
  const remote = branch.replace(/^origin\//, '')
  const remedy = `git fetch ${isShallow ? '--unshallow ' : ''}origin +${remote}:refs/remotes/origin/${remote}`
  if (ref === undefined) {
    const why = `there is no '${branch}' to compare with`
    const hasRemote = (await git(root, ['remote'])).stdout.trim() !== ''
    return isShallow || (wanted !== undefined && hasRemote) || wanted !== undefined
      ? {
          kind: 'not-here',
          why,
          remedy: hasRemote ? `run ${remedy}` : 'name a branch, tag or commit that is here',
        }
      : { kind: 'none', why }
  }
  const merge = await git(root, ['merge-base', ref, 'HEAD'])
  if (!merge.ok)
    return isShallow
      ? {
          kind: 'not-here',
          why: `the clone is shallow: where HEAD and ${ref} part is not in it`,
          remedy: `run ${remedy}`,
        }
      : { kind: 'none', why: `HEAD and ${ref} have no commit in common` }
  return { kind: 'found', commit: merge.stdout.trim(), ref, prefix: top.stdout.trim() }
}

async function baseBranch(root: string): Promise<string> {
  try {
    const config = JSON.parse(await readFile(join(root, '.changeset/config.json'), 'utf8')) as {
      baseBranch?: unknown
    }
    return typeof config.baseBranch === 'string' ? config.baseBranch : 'main'
  } catch {
    return 'main'
  }
}

async function firstRef(root: string, refs: readonly string[]): Promise<string | undefined> {
  // A ref that starts with a dash would be an option.
  for (const ref of refs)
    if (!ref.startsWith('-') && (await git(root, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])).ok)
      return ref
  return undefined
}
