import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The first process of a cluster's namespaces, found by its command line, which names the cluster's config. There is no file
 * with a pid that could be missing, stale, or another process's by now.
 */
export async function findFirstProcess(config: string): Promise<number | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const args = (await read(`/proc/${entry}/cmdline`)).split('\0')
    if (args[1] === 'init' && args[2] === config && !(await ended(Number(entry)))) return Number(entry)
  }
  return undefined
}

/** Kills the first process of a PID namespace, and with it the kernel every other, and waits until it is gone. */
export async function killFirstProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  // It becomes a zombie, or goes, only after all others of its namespace have.
  while (!(await ended(pid))) await sleep(20)
}

/**
 * A process and all below it, as the machine numbers them; none when it is not there. In a PID namespace whose first process it is, that is
 * everything, since what loses its parent gets the first process for one: also what runs in pods, which have namespaces of their own.
 */
export async function processesWith(pid: number): Promise<{ pid: number; command: string }[]> {
  const children = new Map<number, number[]>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = Number((await statOf(Number(entry)))[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const found: { pid: number; command: string }[] = []
  const waiting = (await ended(pid)) ? [] : [pid]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    waiting.push(...(children.get(next) ?? []))
    const command = (await read(`/proc/${next}/cmdline`)).split('\0').filter((part) => part !== '')
    found.push({ pid: next, command: command.join(' ') })
  }
  return found
}

/** Whether a process has ended, waited for by its parent or not. */
async function ended(pid: number): Promise<boolean> {
  const [state] = await statOf(pid)
  return state === undefined || state === 'Z' || state === 'X'
}

/** State, parent and so on of a process, as proc(5) has them from its third field on; nothing of one that is not there. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await read(`/proc/${pid}/stat`)
  // Before it is the name, which is in parentheses and may contain anything.
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .filter((field) => field !== '')
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
