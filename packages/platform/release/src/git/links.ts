import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from './git.ts'

/** Addresses of what a repository holds, at the host of its code. */
export interface Links {
  commit(hash: string): string
  pull(number: string): string
  /** @param at a branch, tag or commit */
  file(path: string, at: string): string
}

/** What is below the address of a repository, by a word that the names of such hosts have. */
const forms = {
  github: { commit: 'commit/', pull: 'pull/', file: 'blob/' },
  gitlab: { commit: '-/commit/', pull: '-/merge_requests/', file: '-/blob/' },
  bitbucket: { commit: 'commits/', pull: 'pull-requests/', file: 'src/' },
} as const

/**
 * The links of a workspace: of the `repository` in its package.json or else of the remote `origin`. Undefined where neither
 * names a host whose addresses are known.
 */
export async function linksOf(root: string): Promise<Links | undefined> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    repository?: string | { url?: string }
  }
  const named =
    typeof manifest.repository === 'string' ? manifest.repository : (manifest.repository?.url ?? '')
  const [short, host = 'github', path] =
    /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+)$/.exec(named) ?? []
  if (short !== undefined) return linksAt(`https://${host}.${host === 'bitbucket' ? 'org' : 'com'}/${path}`)
  return linksAt(named) ?? linksAt((await git(root, ['config', '--get', 'remote.origin.url'])).stdout.trim())
}

/** The links of a repository whose address git or npm understands; names and tokens in it are left out. */
export function linksAt(address: string): Links | undefined {
  const [, host, path] =
    /^(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(address) ??
    /^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!\/)(.+?)(?:\.git)?\/?$/.exec(address) ??
    []
  if (host === undefined) return undefined
  const kind = (['github', 'gitlab', 'bitbucket'] as const).find((each) => host.includes(each))
  if (kind === undefined) return undefined
  const form = forms[kind]
  const at = (rest: string) => `https://${host}/${path}/${rest}`
  return {
    commit: (hash) => at(`${form.commit}${hash}`),
    pull: (number) => at(`${form.pull}${number}`),
    file: (path, ref) => at(encodeURI(`${form.file}${ref}/${path}`)),
  }
}
