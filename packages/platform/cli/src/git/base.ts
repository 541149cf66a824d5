import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type GitResult, git } from '@atlas/release/workspace'
import { type Remote, remoteOf } from './remote.ts'

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
  /** There is nothing to compare with, and that is no fault: no git, no commit, no such branch here and none elsewhere. */
  | { readonly kind: 'none'; readonly why: string }
  /** There would be, were it here. */
  | { readonly kind: 'not-here'; readonly why: string; readonly remedy: string }

const nameOne = 'name a branch, tag or commit that is here: --base'

/**
 * The commit that a workspace's changes are told from: where HEAD and the base branch part. The branch is `--base`, else
 * `baseBranch` of `.changeset/config.json`, as its remote has it, else as it is here. Where the remote has no such branch
 * either, it is what the remote has as its HEAD.
 */
export async function baseOf(root: string, wanted?: string): Promise<Base> {
  const top = await git(root, ['rev-parse', '--show-prefix'])
  if (!top.ok) return unreadable(root, top)
  const head = await git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  if (!head.ok) return { kind: 'none', why: 'there is no commit yet' }
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true'
  const branch = wanted ?? (await baseBranch(root))
  const remote = await remoteOf(root)
  const name = remote?.name ?? 'origin'
  const ref = await firstRef(
    root,
    wanted === undefined ? [`${name}/${branch}`, branch] : [wanted, `${name}/${wanted}`],
  )
  const fetching = (which: string): string =>
    `run git fetch ${isShallow ? '--unshallow ' : ''}${name} +${which}:refs/remotes/${name}/${which}`
  const short = branch.replace(`${name}/`, '')
  const found =
    ref === undefined
      ? await elsewhere(root, remote, { branch: short, isWanted: wanted !== undefined, fetching })
      : { ref, commit: ref }
  if ('kind' in found) return found
  const merge = await git(root, ['merge-base', found.commit, 'HEAD'])
  if (merge.ok)
    return { kind: 'found', commit: merge.stdout.trim(), ref: found.ref, prefix: top.stdout.trim() }
  return isShallow
    ? {
        kind: 'not-here',
        why: `the clone is shallow: where HEAD and ${found.ref} part is not in it`,
        remedy: remote ? fetching(short) : nameOne,
      }
    : {
        kind: 'not-here',
        why: `HEAD and ${found.ref} have no commit in common`,
        remedy: `begin the branch on ${found.ref}, or ${nameOne}`,
      }
}

/** To be without a repository is no fault; to have one that git does not read is. */
async function unreadable(root: string, { stderr }: GitResult): Promise<Base> {
  const says = stderr.split('\n')[0] ?? ''
  // Also of a folder that was copied out of a repository, with what pointed there.
  if (/not a git repository/.test(stderr) || !(await isBelowGit(root)))
    return { kind: 'none', why: 'this is no git repository' }
  // Of a folder that belongs to somebody else, as in containers, git says nothing.
  if (/dubious ownership/.test(stderr))
    return {
      kind: 'not-here',
      why: 'git does not read this repository, whose folder belongs to another user',
      remedy: 'run git config --global --add safe.directory with the folder of the repository',
    }
  if (/ENOENT/.test(stderr))
    return {
      kind: 'not-here',
      why: 'there is a repository, and no git to read it with',
      remedy: 'install git, and see that it is on the PATH',
    }
  return {
    kind: 'not-here',
    why: `git does not read this repository: ${says}`,
    remedy: 'run git status, and put right what it says',
  }
}

async function isBelowGit(folder: string): Promise<boolean> {
  const isHere = await stat(join(folder, '.git')).then(
    () => true,
    () => false,
  )
  return isHere || (dirname(folder) !== folder && (await isBelowGit(dirname(folder))))
}

/** What there is to compare with where neither the base branch nor its copy of the remote is here. */
async function elsewhere(
  root: string,
  remote: Remote | undefined,
  { branch, isWanted, fetching }: { branch: string; isWanted: boolean; fetching: (branch: string) => string },
): Promise<Base | { readonly ref: string; readonly commit: string }> {
  const why = `there is no '${branch}' to compare with`
  if (!remote)
    return isWanted
      ? { kind: 'not-here', why, remedy: nameOne }
      : { kind: 'none', why: `${why}, and no remote that may have one` }
  const { name } = remote
  const said = await remote.asked(branch)
  if (!said.ok)
    return {
      kind: 'not-here',
      why: `${why}, and ${name} does not say whether it has one: ${said.why}`,
      remedy: `${fetching(branch)}, or ${nameOne}`,
    }
  if (said.hasBranch) return { kind: 'not-here', why, remedy: fetching(branch) }
  if (isWanted) return { kind: 'not-here', why: `${why}, and ${name} has none`, remedy: nameOne }
  if (!said.head) return { kind: 'none', why: `${why}, and ${name} has no branch yet` }
  const { commit, branch: main } = said.head
  if ((await git(root, ['cat-file', '-e', `${commit}^{commit}`])).ok)
    return { ref: `${name}/${main ?? 'HEAD'}`, commit }
  return {
    kind: 'not-here',
    why: `${why}, and ${name} has none: its branch is ${main === undefined ? 'another' : `'${main}'`}`,
    remedy:
      main === undefined
        ? nameOne
        : `write "baseBranch": "${main}" in .changeset/config.json, and ${fetching(main)}`,
  }
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
