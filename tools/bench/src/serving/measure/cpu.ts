import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** Linux counts in hundredths of a second. */
const ticksPerSecond = 100

/** Seconds that a process used a core, of all its threads, in user code and the kernel. */
export function cpuSecondsOf(pid: number): number {
  return cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')).own
}

/** Reads /proc/PID/stat; the name of the process, in parentheses, may have spaces and parentheses in it. */
export function cpuSecondsIn(stat: string): { readonly own: number; readonly ofChildren: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = (index: number) => Number(fields[index])
  return {
    own: (ticks(11) + ticks(12)) / ticksPerSecond,
    ofChildren: (ticks(13) + ticks(14)) / ticksPerSecond,
  }
}

/** Seconds in which cores were busy, for anybody, since the machine started. Interrupts are left out: they are those of our load. */
export function busySecondsIn(stat: string): number {
  const [, user = 0, nice = 0, system = 0, , , , , steal = 0] = stat
    .split('\n', 1)[0]!
    .split(/ +/)
    .map(Number)
  return (user + nice + system + steal) / ticksPerSecond
}

/** Watches what others do with the machine. */
export class Others {
  readonly #pids: readonly number[]
  readonly #startedAt = performance.now()
  readonly #before: number

  /** @param pids processes that are not others, beside this one and its children that end */
  constructor(pids: readonly number[]) {
    this.#pids = pids
    this.#before = this.#seconds()
  }

  /** How much of one core others used since this was made, in percent. Children of ours that still run are others. */
  percentOfCore(): number {
    const seconds = (performance.now() - this.#startedAt) / 1000
    return Math.max(0, (100 * (this.#seconds() - this.#before)) / seconds)
  }

  #seconds(): number {
    const self = cpuSecondsIn(readFileSync('/proc/self/stat', 'utf8'))
    const ours = this.#pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), self.own + self.ofChildren)
    return busySecondsIn(readFileSync('/proc/stat', 'utf8')) - ours
  }
}

/** More than this of one core, and others are part of what is measured. */
export const quietPercent = 10

/**
 * Waits until others leave the machine alone.
 *
 * @returns what they used at last, in percent of one core
 */
export async function waitForQuiet(
  { waitSeconds, lookSeconds }: { readonly waitSeconds: number; readonly lookSeconds: number },
  progress: (text: string) => void,
): Promise<number> {
  const until = performance.now() + waitSeconds * 1000
  for (;;) {
    const others = new Others([])
    await setTimeout(lookSeconds * 1000)
    const percent = others.percentOfCore()
    if (percent <= quietPercent || performance.now() >= until) return percent
    progress(`waiting for a quiet machine: others use ${Math.round(percent)} % of a core`)
  }
}
