import type { PodCounters, Scrape } from './scrape.ts'
import { type ArmTick, refusalsOf, type Tick } from './tick.ts'

/** Why a scrape was not turned into a tick. */
export type Skipped =
  | 'first scrape'
  | 'clock did not advance'
  | 'clock went back'
  | 'an arm is absent'
  | 'gap too long: the shares of the arms may have changed in it'

/** Counts what was left out of the evidence, by reason: a verdict says how much it did not see. */
export interface Quality {
  readonly scrapes: number
  readonly ticks: number
  readonly skipped: Readonly<Partial<Record<Skipped, number>>>
  /** Pods whose counters were no numbers, or negative. */
  readonly unreadablePods: number
  /** Pods whose counters went back: their process started again. */
  readonly resets: number
}

interface Seen {
  readonly counters: PodCounters
  readonly atMs: number
}

/**
 * Turns counters into ticks. What cannot be compared is left out of both arms, never of one: a scrape that is missing makes
 * the next tick longer, pods that answer only once are not counted, counters that go back start at zero again, and
 * anything that is no number leaves its pod out. So bad input takes evidence away and adds none.
 */
export class CounterDeltas {
  readonly #greatestGapMs: number
  #last = new Map<string, Seen>()
  /** When the counters were read that the next tick begins with. */
  #atMs = Number.NEGATIVE_INFINITY
  /** When any were read last. */
  #latestMs = Number.NEGATIVE_INFINITY
  #scrapes = 0
  #ticks = 0
  #unreadablePods = 0
  #resets = 0
  readonly #skipped = new Map<Skipped, number>()

  /** @param greatestGapMs of a longer gap nothing is used. @default 30 s */
  constructor(greatestGapMs = 30_000) {
    this.#greatestGapMs = greatestGapMs
  }

  /** The tick since the scrape before this one, or undefined where there is none. */
  add(scrape: Scrape): Tick | undefined {
    this.#scrapes++
    if (!Number.isFinite(scrape.atMs) || scrape.atMs === this.#latestMs)
      return this.#skip('clock did not advance')
    const readable = scrape.pods.filter((counters) => isReadable(counters))
    this.#unreadablePods += scrape.pods.length - readable.length
    const now = new Map(readable.map((counters) => [counters.pod, { counters, atMs: scrape.atMs }]))
    const before = this.#last
    const sinceMs = scrape.atMs - this.#atMs
    const unusable = scrape.atMs < this.#latestMs ? 'clock went back' : this.#unusable(sinceMs)
    this.#latestMs = scrape.atMs
    if (unusable) {
      this.#keep(scrape.atMs, now)
      return this.#skip(unusable)
    }
    const compared = readable.flatMap((counters) => {
      const seen = before.get(counters.pod)
      return seen && seen.counters.arm === counters.arm ? [{ counters, seen }] : []
    })
    const arms = Map.groupBy(compared, ({ counters }) => counters.arm)
    const canary = arms.get('canary')
    const control = arms.get('control')
    if (!canary || !control) {
      // Pods that are there are kept as they were, so that what both arms do until the other comes back is compared then. New ones are noted.
      for (const [pod, seen] of now) if (!before.has(pod)) before.set(pod, seen)
      return this.#skip('an arm is absent')
    }
    this.#keep(scrape.atMs, now)
    this.#ticks++
    const deltas = (pods: typeof compared) =>
      sum(pods.map(({ counters, seen }) => this.#delta(counters, seen, scrape.atMs)))
    const sorted = control.toSorted((a, b) => (a.counters.pod < b.counters.pod ? -1 : 1))
    const half = Math.ceil(sorted.length / 2)
    return {
      seconds: sinceMs / 1000,
      canary: deltas(canary),
      control: deltas(control),
      ...(sorted.length > 1 && { halves: [deltas(sorted.slice(0, half)), deltas(sorted.slice(half))] }),
    }
  }

  /** What was used and what was not. */
  get quality(): Quality {
    return {
      scrapes: this.#scrapes,
      ticks: this.#ticks,
      skipped: Object.fromEntries(this.#skipped),
      unreadablePods: this.#unreadablePods,
      resets: this.#resets,
    }
  }

  /** Why nothing can be said of the time since the last scrape; one begins anew then. */
  #unusable(sinceMs: number): Skipped | undefined {
    if (sinceMs === Number.POSITIVE_INFINITY) return 'first scrape'
    return sinceMs > this.#greatestGapMs
      ? 'gap too long: the shares of the arms may have changed in it'
      : undefined
  }

  #keep(atMs: number, now: Map<string, Seen>): void {
    this.#atMs = atMs
    this.#last = now
  }

  #skip(reason: Skipped): undefined {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1)
  }

  #delta(now: PodCounters, { counters: before, atMs }: Seen, nowMs: number): ArmTick {
    const reset = now.requests < before.requests || now.busySeconds < before.busySeconds
    if (reset) this.#resets++
    const since = (value: number, old: number) => (reset || value < old ? value : value - old)
    return {
      requests: since(now.requests, before.requests),
      failures: since(now.failures, before.failures),
      slower: now.slower.map((count, edge) => since(count, before.slower[edge] ?? 0)),
      refusals: Object.fromEntries(
        Object.entries(now.refusals).map(([code, count]) => [code, since(count, refusalsOf(before, code))]),
      ),
      busySeconds: since(now.busySeconds, before.busySeconds),
      restarts: Math.max(0, now.restarts - before.restarts),
      podSeconds: (nowMs - atMs) / 1000,
    }
  }
}

function isReadable({ requests, failures, slower, refusals, busySeconds, restarts }: PodCounters): boolean {
  return [requests, failures, busySeconds, restarts, ...slower, ...Object.values(refusals)].every(
    (value) => Number.isFinite(value) && value >= 0,
  )
}

function sum(ticks: readonly ArmTick[]): ArmTick {
  const total = (of: (tick: ArmTick) => number) => ticks.reduce((sum, tick) => sum + of(tick), 0)
  const codes = new Set(ticks.flatMap(({ refusals }) => Object.keys(refusals)))
  return {
    requests: total(({ requests }) => requests),
    failures: total(({ failures }) => failures),
    slower: (ticks[0]?.slower ?? []).map((_, edge) => total(({ slower }) => slower[edge] ?? 0)),
    refusals: Object.fromEntries([...codes].map((code) => [code, total((tick) => refusalsOf(tick, code))])),
    busySeconds: total(({ busySeconds }) => busySeconds),
    restarts: total(({ restarts }) => restarts),
    podSeconds: total(({ podSeconds }) => podSeconds),
  }
}
