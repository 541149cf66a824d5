import { readFile } from 'node:fs/promises'

/** Pages of 4 KiB, as `/proc` counts memory on every machine that Node runs on with Linux; a larger page counts as one. */
const pageBytes = 4096

/** What the kernel counts time in for `/proc` (`sysconf(_SC_CLK_TCK)`): 100 a second on every Linux that Node supports. */
const ticksPerSecond = 100

/** What a process uses. */
export interface ProcessUse {
  /** Memory that would be free without it: what is resident and not shared. */
  readonly memoryMiB: number
  /** Processor time so far. */
  readonly cpuSeconds: number
}

/** What a process uses now, or undefined where the system does not say: it has ended, or this is not Linux. */
export async function useOf(pid: number): Promise<ProcessUse | undefined> {
  try {
    const [memory, stat] = await Promise.all([
      readFile(`/proc/${pid}/statm`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    const [, resident = 0, shared = 0] = memory.split(' ').map(Number)
    // The name of the program comes second, in brackets, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      memoryMiB: ((resident - shared) * pageBytes) / 1024 ** 2,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    }
  } catch {
    return undefined
  }
}
