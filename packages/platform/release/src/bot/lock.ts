import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** How long a holder may be silent before others take over, and how often it says that it is there, in milliseconds. */
const leaseMs = 30 * 60_000
const renewMs = 5 * 60_000
const mostAttempts = 5

/**
 * The right to release: a ref of the repository that whoever has it made from nothing, on the remote where there is one.
 * git changes a ref only from what it was thought to be, so that of two who want it one gets it. Who has died on this
 * machine, or has been silent for half an hour, has it no more; while it works it says every few minutes that it is there.
 */
export class ReleaseLock implements AsyncDisposable {
  readonly #root: string
  readonly #remote: string | undefined
  readonly #holder: LockHolder
  readonly #timer: NodeJS.Timeout
  #at: string
  /** What is asked of the ref, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(root: string, remote: string | undefined, holder: LockHolder, at: string) {
    this.#root = root
    this.#remote = remote
    this.#holder = holder
    this.#at = at
    // Whoever cannot say it now says it the next time; whether it is still the holder, check() finds out.
    this.#timer = setInterval(() => this.renew().catch(() => {}), renewMs).unref()
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
      until: untilAfter(now),
    }
    const at = await writeText(root, JSON.stringify(holder))
    for (let attempt = 1; ; attempt++) {
      const moved = await moveKept(root, remote, ref, at, before?.at ?? absent)
      if (moved.ok) return new ReleaseLock(root, remote, holder, at)
      const winner = await find(root, remote)
      // The answer may have been lost, and the ref be moved all the same.
      if (winner?.at === at) return new ReleaseLock(root, remote, holder, at)
      if (winner && winner.at !== before?.at)
        throw new ReleaseLocked(
          `${winner.holder.host} (process ${winner.holder.pid}) was quicker; wait for it`,
        )
      if (attempt === mostAttempts) throw new Error(`the lock of releases cannot be taken: ${moved.stderr}`)
      // Somebody else is about to move it: git keeps others off meanwhile.
      await sleep(attempt * 100)
    }
  }

  /** @throws ReleaseLocked when somebody has taken over */
  async check(): Promise<void> {
    await this.#next(async () => {
      const now = await find(this.#root, this.#remote)
      if (now?.at !== this.#at)
        throw new ReleaseLocked(
          'somebody else has taken over the release; what is done stays, and they go on from it',
        )
    })
  }

  /** Says that the holder is there, unless somebody has taken over. @throws Error when git does not do it */
  async renew(now = new Date()): Promise<void> {
    await this.#next(async () => {
      const at = await writeText(this.#root, JSON.stringify({ ...this.#holder, until: untilAfter(now) }))
      const moved = await moveKept(this.#root, this.#remote, ref, at, this.#at)
      if (moved.ok) this.#at = at
      // The answer may have been lost, and the ref be moved all the same.
      else if ((await find(this.#root, this.#remote))?.at === at) this.#at = at
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#next(() => moveKept(this.#root, this.#remote, ref, absent, this.#at))
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }
}

function untilAfter(now: Date): string {
  return new Date(now.getTime() + leaseMs).toISOString()
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
