import type { UnitState } from '../fleet/unit.ts'
import { useOf } from '../fleet/process-memory.ts'
import type { ServletTraffic } from './traffic.ts'

/** One servlet of a running platform: a row of `atlas top`. */
export interface ServletStatus extends ServletTraffic {
  readonly name: string
  readonly state: UnitState
  /** Why it is broken. */
  readonly reason?: string
  /** Of its process, null while there is none. */
  readonly pid: number | null
  /** Of one processor, since it was last asked for, or since the process started; of the whole process, where servlets share one. */
  readonly cpuPercent: number
  /** Of the whole process, where servlets share one. */
  readonly memoryMiB: number
}

/** A servlet and where it runs. */
export interface Placed {
  readonly name: string
  readonly state: UnitState
  readonly reason?: string | undefined
  readonly pid: number | undefined
}

/** Makes the status of all servlets. Remembers processor times, because a share of a processor is one over time. */
export function statusReporter(placed: () => readonly Placed[], trafficOf: (servlet: string) => ServletTraffic) {
  const last = new Map<number, { readonly cpuSeconds: number; readonly at: number; readonly percent: number }>()
  return async (): Promise<{ servlets: readonly ServletStatus[] }> => {
    const all = placed()
    const pids = new Set(all.flatMap(({ pid }) => pid ?? []))
    const uses = new Map(await Promise.all([...pids].map(async (pid) => [pid, await useOf(pid)] as const)))
    const now = performance.now()
    for (const pid of last.keys()) if (!pids.has(pid)) last.delete(pid)
    for (const [pid, use] of uses) {
      if (!use) continue
      const before = last.get(pid)
      // Two who ask in turns do not halve each other's time.
      if (before && now - before.at < shortestMs) continue
      const percent = before ? ((use.cpuSeconds - before.cpuSeconds) / ((now - before.at) / 1000)) * 100 : 0
      last.set(pid, { cpuSeconds: use.cpuSeconds, at: now, percent })
    }
    return {
      servlets: all
        .map(({ name, state, reason, pid }) => ({
          name,
          state,
          ...(reason === undefined ? {} : { reason }),
          pid: pid ?? null,
          ...trafficOf(name),
          cpuPercent: round(pid === undefined ? 0 : (last.get(pid)?.percent ?? 0)),
          memoryMiB: round(pid === undefined ? 0 : (uses.get(pid)?.memoryMiB ?? 0)),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }
  }
}

const shortestMs = 250

function round(value: number): number {
  return Math.round(value * 10) / 10
}
