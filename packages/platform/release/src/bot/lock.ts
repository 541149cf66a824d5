import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { absent, findKept, moveKept, removalOf, writeText } from '../git/kept-text.ts'
import { isRunning } from '../is-running.ts'

const ref = 'refs/atlas/release-lock'

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
        `${before.holder.host} (process ${before.holder.pid}) has been releasing since ${before.holder.since}; wait for it, or if it is gone: ${removalOf(remote, ref)}`,
      )
    const holder: LockHolder = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      since: now.toISOString(),
      until: new Date(now.getTime() + leaseMs).toISOString(),
    }
    const at = await writeText(root, JSON.stringify(holder))
    const moved = await moveKept(root, remote, ref, at, before?.at ?? absent)
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
    await moveKept(this.#root, this.#remote, ref, absent, this.#at)
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
  const kept = await findKept(root, remote, ref)
  if (kept === undefined) return undefined
  try {
    return { at: kept.at, holder: JSON.parse(kept.text) as LockHolder }
  } catch {
    throw new Error(`${ref} is no lock of a release; ${removalOf(remote, ref)}`)
  }
}

function isOver({ host, pid, until }: LockHolder, now: Date): boolean {
  return Date.parse(until) < now.getTime() || (host === hostname() && !isRunning(pid))
}
