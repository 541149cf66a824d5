import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '../is-running.ts'

/** Ends a server that a killed keeper left behind, and forgets one that is not there any more. */
export async function endOrphan(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0])
  if (!(pid > 0)) return
  if (!(await isPostgres(pid))) return rm(file, { force: true })
  try {
    process.kill(pid, 'SIGINT')
    for (let waitedMs = 0; waitedMs < 10_000 && (await isPostgres(pid)); waitedMs += 50) await sleep(50)
  } catch {
    // It ended meanwhile.
  }
}

/** Process ids are given anew: after a restart of the machine another program may have this one. */
async function isPostgres(pid: number): Promise<boolean> {
  if (!isRunning(pid)) return false
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres')
  return name.trim() === 'postgres'
}
