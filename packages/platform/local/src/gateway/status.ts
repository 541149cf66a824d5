import type { ServletTraffic } from '@atlas/runtime'
import { useOf } from '../fleet/process-memory.ts'
import type { UnitState } from '../fleet/unit.ts'

/** One servlet of a running platform: a row of `atlas top`. */
export interface ServletStatus {
  readonly name: string
  readonly state: UnitState
  /** Why it is broken. */
  readonly reason?: string
  /** Of its process, null while there is none. */
  readonly pid: number | null
  /** That are over. */
  readonly requests: number
  /** Those of them that failed by the servlet's fault. */
  readonly errors: number
  /** Half of the requests took no longer; null before the first. */
  readonly p50Ms: number | null
  /** 99 of 100 requests took no longer; null before the first. */
  readonly p99Ms: number | null
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
export function statusReporter(
  placed: () => readonly Placed[],
  trafficOf: (servlet: string) => Traffic | undefined,
) {
  const last = new Map<
    number,
    { readonly cpuSeconds: number; readonly at: number; readonly percent: number }
  >()
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
          ...counted(trafficOf(name)),
          cpuPercent: round(pid === undefined ? 0 : (last.get(pid)?.percent ?? 0)),
          memoryMiB: round(pid === undefined ? 0 : (uses.get(pid)?.memoryMiB ?? 0)),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }
  }
}

const shortestMs = 250

type Traffic = Pick<ServletTraffic, 'requests' | 'errors' | 'p50Ms' | 'p99Ms'>

function counted(traffic: Traffic | undefined) {
  return {
    requests: traffic?.requests ?? 0,
    errors: traffic?.errors ?? 0,
    p50Ms: traffic?.p50Ms === undefined ? null : Math.round(traffic.p50Ms * 1000) / 1000,
    p99Ms: traffic?.p99Ms === undefined ? null : Math.round(traffic.p99Ms * 1000) / 1000,
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
