import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The age at which a lock counts as left by a process that was killed: what runs under one takes microseconds. */
const staleMs = 5_000

/**
 * Runs something while no other process, and nobody else in this one, runs anything under the same lock.
 *
 * @param lock a file that is made for it and removed again
 */
export async function alone<T>(lock: string, run: () => T): Promise<T> {
  while (!take(lock)) await sleep(2)
  try {
    return run()
  } finally {
    rmSync(lock, { force: true })
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const made = statSync(lock, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > staleMs) rmSync(lock, { force: true })
    return false
  }
}
