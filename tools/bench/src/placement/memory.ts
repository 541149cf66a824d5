import { readdirSync, readFileSync } from 'node:fs'

/** Memory that would be free without a process, in MiB: its private pages (`/proc/PID/smaps_rollup`). 0 once it has ended. */
export function ussMiB(pid: number): number {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  } catch {
    return 0
  }
  let kib = 0
  for (const [, value] of text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)) kib += Number(value)
  return kib / 1024
}

/** The processes that a process started. */
export function childrenOf(parent: number): number[] {
  const found: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name of the program comes in brackets, and may hold anything.
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) found.push(Number(name))
    } catch {
      // Ended meanwhile.
    }
  }
  return found
}

/** Memory of a process and of those that it started. */
export function familyMiB(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ussMiB(each), 0)
}
