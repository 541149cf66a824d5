import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { git } from '../git/git.ts'

const ref = 'refs/atlas/release-lock'
const absent = '0'.repeat(40)

/** Who is releasing. */
export interface LockHolder {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** ISO times. */
  readonly since: string
  readonly until: string
}

/** Somebody else is releasing. */
export class ReleaseLocked extends Error {}

/** How long a holder may be silent before others take over, in milliseconds. */
const leaseMs = 30 * 60_000

/**
 * The right to release: a ref of the repository that whoever has it made from nothing, on the remote where there is one.
 * git changes a ref only from what it was thought to be, so that of two who want it one gets it. Who has died on this
 * machine, or has been silent for half an hour, has it no more.
 */
export class ReleaseLock implements AsyncDisposable {
  readonly #root: string
  readonly #remote: string | undefined
  #at: string

  private constructor(root: string, remote: string | undefined, at: string) {
    this.#root = root
    this.#remote = remote
    this.#at = at
  }

  /**
   * @throws ReleaseLocked when somebody has it
   * @throws Error when git does not do what it is asked for
   */
  static async take(root: string, remote: string | undefined): Promise<ReleaseLock> {
    const now = new Date()
    const before = await find(root, remote)
    if (before && !isOver(before.holder, now))
      throw new ReleaseLocked(
        `${before.holder.host} (process ${before.holder.pid}) has been releasing since ${before.holder.since}; wait for it, or if it is gone: ${remedy(remote)}`,
      )
    const holder: LockHolder = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      since: now.toISOString(),
      until: new Date(now.getTime() + leaseMs).toISOString(),
    }
    const written = await git(root, ['hash-object', '-w', '--stdin'], JSON.stringify(holder))
    if (!written.ok) throw new Error(`git cannot write: ${written.stderr}`)
    const at = written.stdout.trim()
    const moved = await move(root, remote, at, before?.at ?? absent)
    if (!moved.ok) {
      const winner = await find(root, remote)
      if (winner && winner.at !== before?.at)
        throw new ReleaseLocked(
          `${winner.holder.host} (process ${winner.holder.pid}) was quicker; wait for it`,
        )
      throw new Error(`the lock of releases cannot be taken: ${moved.stderr}`)
    }
    return new ReleaseLock(root, remote, at)
  }

  /** @throws ReleaseLocked when somebody has taken over */
  async check(): Promise<void> {
    const now = await find(this.#root, this.#remote)
    if (now?.at !== this.#at)
      throw new ReleaseLocked(
        'somebody else has taken over the release; what is done stays, and they go on from it',
      )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await move(this.#root, this.#remote, absent, this.#at)
  }
}

/** Who has the lock, if anybody. */
export async function lockHolder(root: string, remote: string | undefined): Promise<LockHolder | undefined> {
  return (await find(root, remote))?.holder
}

async function find(
  root: string,
  remote: string | undefined,
): Promise<{ at: string; holder: LockHolder } | undefined> {
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
  const text = await git(root, ['cat-file', 'blob', at])
  try {
    return { at, holder: JSON.parse(text.stdout) as LockHolder }
  } catch {
    throw new Error(`${ref} is no lock of a release; ${remedy(remote)}`)
  }
}

function move(root: string, remote: string | undefined, to: string, from: string) {
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

function isOver({ host, pid, until }: LockHolder, now: Date): boolean {
  return Date.parse(until) < now.getTime() || (host === hostname() && !isRunning(pid))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function remedy(remote: string | undefined): string {
  return remote === undefined ? `git update-ref -d ${ref}` : `git push ${remote} :${ref}`
}
