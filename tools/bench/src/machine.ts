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

function osName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return platform()
  }
}
