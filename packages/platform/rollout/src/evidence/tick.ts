/** What one arm did in a tick: counts, never rates. */
export interface ArmTick {
  readonly requests: number
  /** Requests that failed by the servlet's fault, at most one for each caller and second (`atlas_server_failed_seconds_total`). */
  readonly failures: number
  /** Requests slower than each frozen edge, in the order of {@link JudgeOptions.latencyEdges}. */
  readonly slower: readonly number[]
  /** Requests refused by the caller's fault, by code. */
  readonly refusals: Readonly<Record<string, number>>
  /** Seconds in which event loops were busy. */
  readonly busySeconds: number
  /** Containers that started again. */
  readonly restarts: number
  /** Pods times seconds. */
  readonly podSeconds: number
}

/** What both arms did in the same time. */
export interface Tick {
  readonly seconds: number
  readonly canary: ArmTick
  /** The control: pods of the version that is replaced. */
  readonly control: ArmTick
  /** The control again, by halves that run the same code: they show how much chance alone makes arms differ. */
  readonly halves?: readonly [ArmTick, ArmTick] | undefined
}

/** Whether everything in a tick is a count: finite and not negative. */
export function isUsable({ seconds, canary, control, halves }: Tick): boolean {
  return seconds > 0 && Number.isFinite(seconds) && [canary, control, ...(halves ?? [])].every(isCounts)
}

function isCounts(arm: ArmTick): boolean {
  const { requests, failures, slower, refusals, busySeconds, restarts, podSeconds } = arm
  return [requests, failures, busySeconds, restarts, podSeconds, ...slower, ...Object.values(refusals)].every(
    (value) => Number.isFinite(value) && value >= 0,
  )
}

/** How many requests were refused with a code. The codes come from metrics, so none may be taken for a property of objects. */
export function refusalsOf({ refusals }: Pick<ArmTick, 'refusals'>, code: string): number {
  return Object.hasOwn(refusals, code) ? refusals[code]! : 0
}
