import { availableParallelism, totalmem } from 'node:os'

/** What a supervisor allows its processes. */
export interface FleetLimits {
  /** Processes with servlets at once; more put the one that was not used for longest to sleep. */
  readonly awake: number
  /** Memory of all of them together; beyond, the one that was not used for longest is put to sleep. */
  readonly memoryMiB: number
  /** How long a process without requests stays. */
  readonly idleMs: number
  /** Requests that may wait for one process to start. */
  readonly waiting: number
  /** Requests that may run in one process at once; more are refused before they reach it. */
  readonly inFlight: number
  /** How long servlets may take to start. */
  readonly startMs: number
  /** How long a process that is replaced, or put to sleep, may take to finish what runs. */
  readonly drainMs: number
  /** Blank processes that are kept ready. */
  readonly blanks: number
  /** Processes that start at once. */
  readonly starts: number
}

/** What a machine of this size has room for. */
export function defaultFleetLimits(): FleetLimits {
  const machineMiB = totalmem() / 1024 ** 2
  return {
    awake: 150,
    memoryMiB: Math.min(8192, Math.floor(machineMiB / 2)),
    idleMs: 5 * 60_000,
    waiting: 1000,
    inFlight: 1000,
    startMs: 30_000,
    drainMs: 30_000,
    blanks: 2,
    starts: Math.max(2, Math.floor(availableParallelism() / 2)),
  }
}
