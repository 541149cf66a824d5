import { type GitResult, git } from './git.ts'

/** No object: a ref that is not there. */
export const absent = '0'.repeat(40)

/** A text that a ref of a repository keeps. */
export interface KeptText {
  /** The name of the object. */
  readonly at: string
  readonly text: string
}

/** What a ref keeps, on the remote where there is one. @throws Error when the remote does not answer */
export async function findKept(
  root: string,
  remote: string | undefined,
  ref: string,
): Promise<KeptText | undefined> {
  let at: string
  if (remote === undefined) {
    const found = await git(root, ['rev-parse', '--verify', '--quiet', ref])
    if (!found.ok) return undefined
    at = found.stdout.trim()
  } else {
    const listed = await git(root, ['ls-remote', remote, ref])
    if (!listed.ok) throw new Error(`${remote} does not answer: ${listed.stderr}`)
    at = listed.stdout.split('\t')[0]!.trim()
    if (at === '') return undefined
    const here = await git(root, ['cat-file', '-e', at])
    if (!here.ok) await git(root, ['fetch', '--quiet', remote, ref])
  }
  return { at, text: (await git(root, ['cat-file', 'blob', at])).stdout }
}

/** Writes a text into the repository and resolves to its name; no ref keeps it yet. @throws Error */
export async function writeText(root: string, text: string): Promise<string> {
  const written = await git(root, ['hash-object', '-w', '--stdin'], text)
  if (!written.ok) throw new Error(`git cannot write: ${written.stderr}`)
  return written.stdout.trim()
}

/** Changes a ref, on the remote where there is one, if it is still what it was thought to be; {@link absent} removes it. */
export function moveKept(
  root: string,
  remote: string | undefined,
  ref: string,
  to: string,
  from: string,
): Promise<GitResult> {
  if (remote === undefined)
    return to === absent
      ? git(root, ['update-ref', '-d', ref, from])
      : git(root, ['update-ref', ref, to, from])
  const expected = from === absent ? '' : from
  return git(root, [
    'push',
    '--quiet',
    `--force-with-lease=${ref}:${expected}`,
    remote,
    `${to === absent ? '' : to}:${ref}`,
  ])
}

/** The command that removes a ref. */
export function removalOf(remote: string | undefined, ref: string): string {
  return remote === undefined ? `git update-ref -d ${ref}` : `git push ${remote} :${ref}`
}
