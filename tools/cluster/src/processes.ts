import { readdir, readFile, readlink } from 'node:fs/promises'
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

/** The processes in the PID namespace of this one, itself included, as the machine numbers them. */
export async function processesWith(pid: number): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = []
  const namespace = await namespaceOf(pid)
  if (namespace === undefined) return found
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || (await namespaceOf(Number(entry))) !== namespace) continue
    const command = (await read(`/proc/${entry}/cmdline`)).split('\0').filter((part) => part !== '')
    found.push({ pid: Number(entry), command: command.join(' ') })
  }
  return found
}

/** Whether a process has ended, waited for by its parent or not. */
async function ended(pid: number): Promise<boolean> {
  const stat = await read(`/proc/${pid}/stat`)
  // The state comes after the name, which is in parentheses and may contain anything.
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  return state === '' || state === 'Z' || state === 'X'
}

async function namespaceOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/pid`).catch(() => undefined)
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
