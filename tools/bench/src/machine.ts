import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

/** The machine that a bench ran on, and what ran there. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly os: string
  /** Processes that wanted to run in the minute before; more than a little disturbs what is measured. */
  readonly loadBefore: number
  /** Of the CPU time of all cores while it ran, what programs took that do not belong to it. Told on Linux. */
  readonly cpuOfOthersPercent?: number
  readonly versions: Readonly<Record<string, string>>
  readonly flags: Readonly<Record<string, string | number>>
}

/** Facts of this machine, to be taken before anything is measured. */
export function machineFacts(): Omit<Machine, 'versions' | 'flags'> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${osName()} (${platform()} ${release()}, ${arch()})`,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

/** Begins to watch what other programs take of the CPUs; asked later, says it in percent of all cores. Undefined where unknown. */
export function watchOthers(): () => number | undefined {
  const before = cpuTicks()
  return () => {
    const after = cpuTicks()
    if (!before || !after || after.all <= before.all) return undefined
    const others = after.busy - before.busy - (after.own - before.own)
    // The time of idle waiting may go back, so the sum is not exact.
    return Math.min(100, Math.max(0, Math.round((others / (after.all - before.all)) * 100)))
  }
}

/** CPU time since the machine started, in ticks, and since this process did, with its children that have ended. */
function cpuTicks(): { all: number; busy: number; own: number } | undefined {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n')[0]!
    // user nice system idle iowait irq softirq steal; guests are in user already.
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
    const all = ticks.reduce((sum, each) => sum + each, 0)
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // After the name, which may have spaces: utime stime cutime cstime are the 12th to 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const own = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
    return { all, busy: all - ticks[3]! - ticks[4]!, own }
  } catch {
    return undefined
  }
}

function osName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return platform()
  }
}
