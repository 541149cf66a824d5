/** Counters of one pod, as its metrics have them: since its start, or since its process started again. */
export interface PodCounters {
  readonly pod: string
  readonly arm: 'canary' | 'control'
  readonly requests: number
  readonly failures: number
  /** Requests slower than each edge. */
  readonly slower: readonly number[]
  readonly refusals: Readonly<Record<string, number>>
  readonly busySeconds: number
  /** How often its container started again: of the pod, never reset. */
  readonly restarts: number
}

/** What was read of all pods at one time. Pods that did not answer are left out. */
export interface Scrape {
  /** Unix time in milliseconds. */
  readonly atMs: number
  readonly pods: readonly PodCounters[]
}
