import { git } from '@atlas/release/workspace'

/** A repository that this one is fetched from. */
export interface Remote {
  readonly name: string
  /** Asks it, over the network, for a branch. */
  asked(branch: string): Promise<RemoteAnswer>
}

/** What a remote has. */
export type RemoteAnswer =
  | { readonly ok: false; readonly why: string }
  | {
      readonly ok: true
      readonly hasBranch: boolean
      /** Where its HEAD is; undefined where it has no commit yet. */
      readonly head: { readonly commit: string; readonly branch: string | undefined } | undefined
    }

/** How long a remote may take to answer. */
const timeoutMs = 30_000

/** The remote of a repository: `origin`, else the first; undefined where there is none. */
export async function remoteOf(root: string): Promise<Remote | undefined> {
  const names = (await git(root, ['remote'])).stdout.split('\n').filter((name) => name !== '')
  const name = names.includes('origin') ? 'origin' : names[0]
  return name === undefined ? undefined : { name, asked: (branch) => ask(root, name, branch) }
}

async function ask(root: string, remote: string, branch: string): Promise<RemoteAnswer> {
  // Nobody is there who could type a password.
  const env = { GIT_TERMINAL_PROMPT: '0' }
  const hasSsh = process.env.GIT_SSH !== undefined || (await git(root, ['config', 'core.sshCommand'])).ok
  const ssh = hasSsh ? [] : ['-c', 'core.sshCommand=ssh -o BatchMode=yes']
  const args = [...ssh, 'ls-remote', '--quiet', '--symref', '--', remote, 'HEAD', `refs/heads/${branch}`]
  const { ok, stdout, stderr } = await git(root, args, undefined, { timeoutMs, env })
  if (!ok)
    return {
      ok: false,
      why: stderr.split('\n')[0] || `it did not answer within ${timeoutMs / 1000} seconds`,
    }
  const refs = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    const [value, name] = line.split('\t')
    // A symbolic ref comes with what it stands for, before the same with its commit.
    if (name !== undefined) refs.set(value!.startsWith('ref: ') ? `ref: ${name}` : name, value!)
  }
  const commit = refs.get('HEAD')
  return {
    ok: true,
    hasBranch: refs.has(`refs/heads/${branch}`),
    head:
      commit === undefined
        ? undefined
        : { commit, branch: refs.get('ref: HEAD')?.replace(/^ref: refs\/heads\//, '') },
  }
}
