import { LongAverage } from './long-average.ts'

/** Options of {@link GradientLimit}. */
export interface GradientLimitOptions {
  /** The limit before anything was measured. @default 20, as Netflix has it */
  readonly initial?: number
  /** Never lower: with too few at once nothing can be measured. @default 5 */
  readonly min?: number
  /** Never higher. @default 1000: a handler that waits 100 ms for others then still serves 10,000 a second */
  readonly max?: number
  /** How many times slower than usual is no reason to shrink. @default 1.5, because times vary without any load */
  readonly tolerance?: number
  /** How much of a change is made at once. @default 0.2: outliers shake the limit little */
  readonly smoothing?: number
  /** Windows that the usual time is averaged over. @default 600 */
  readonly longWindow?: number
  /** The shortest time between changes. @default 100 ms */
  readonly windowMs?: number
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
}

/** A limit to how many run at once, which follows what was measured. */
export interface ConcurrencyLimit {
  /** A whole number. */
  readonly current: number
  /** It is never lower: so many run even while the whole process is overloaded. */
  readonly min: number
  /**
   * Learns from one that ran.
   *
   * @param startedMs when it began to run, after any wait
   * @param nowMs on the same clock
   * @param busyMs how long it ran, less what it waited for others
   * @param inFlight how many ran when it ended, itself included
   * @param timedOut whether its deadline passed meanwhile
   */
  sample(startedMs: number, nowMs: number, busyMs: number, inFlight: number, timedOut: boolean): void
  /** Called now and then while requests wait, because nothing may end for a long time. */
  tick(nowMs: number): void
}

/** A change needs this many samples. */
const fewestSamples = 10

/** Probes set the usual time alone, so they need more. */
const fewestProbeSamples = 30

/** Windows longer than this would react too late, even to handlers that take longer. */
const longestWindowMs = 5000

/** Samples older than this are not averaged with new ones. */
const staleMs = 30_000

/** How long a probe lasts at most, beyond two windows. */
const longestProbeMs = 1000

/** It doubles only while answers are that quick: slower ones would show too late that it was too much. */
const quickMs = 250

/** How many windows of slowness go by between probes that find nothing new. */
const windowsToProbe = 30

/** The same when there is something to find out: the last probe found news, or slowness comes after a calm. */
const windowsToProbeSoon = 5

/** By how much the usual time changes for a probe to be news. */
const news = 0.1

/** How many windows without slowness are a calm. */
const calm = 10

/**
 * Netflix's Gradient2 (https://github.com/Netflix/concurrency-limits, `Gradient2Limit` inside `WindowedLimit`): while
 * times are as usual the limit grows, and when they are longer it shrinks in proportion.
 *
 *     gradient = clamp(tolerance x usual / measured, 0.5, 1)
 *     limit    = limit + smoothing x (gradient x limit + max(4, sqrt(limit)) - limit)
 *
 * Four things are different:
 *
 * - **The usual time does not learn from our own queue.** In Gradient2 it follows whatever lasts, so under lasting
 *   overload the limit creeps up to its maximum (https://github.com/Netflix/concurrency-limits/pull/134). Here, while
 *   the limit is reached, it learns only from what is faster. Whether slowness is ours, a *probe* finds out: the limit
 *   is halved for a moment, and what is measured then is the usual time. If half as many are just as slow, it is
 *   something else that is slow, and the limit grows again.
 * - **It doubles until it first meets resistance,** because a fresh process gets its full load at once.
 * - **Timeouts count** when they are slow as well: the limit keeps the share that was in time. Gradient2 ignores them.
 *   Those of callers who are merely impatient do not count, or they could make us slow for everybody.
 * - **A window is two measured times long at least,** so that a change shows before the next one.
 */
export class GradientLimit implements ConcurrencyLimit {
  readonly min: number
  readonly #max: number
  readonly #tolerance: number
  readonly #smoothing: number
  readonly #windowMs: number
  readonly #random: () => number
  readonly #usual: LongAverage
  #estimate: number
  /** The estimate, or half of it while it is probed. */
  #current: number
  /** Nothing was ever slow. */
  #fresh = true
  /** How much of a change is made at once, for now. */
  #step = 1
  #slowWindows = 0
  #calmWindows = 0
  #probeAfter: number
  /** Undefined while nothing is probed; Infinity until enough of those that began earlier have ended. */
  #probeSince: number | undefined = undefined
  #probeUntil = 0
  // The window.
  #since = Number.NEGATIVE_INFINITY
  #lengthMs: number
  #count = 0
  #sumMs = 0
  #timeouts = 0
  #mostInFlight = 0

  constructor(options: GradientLimitOptions = {}) {
    const { initial = 20, min = 5, max = 1000, tolerance = 1.5, smoothing = 0.2 } = options
    if (!(min >= 1 && min <= initial && initial <= max))
      throw new RangeError(`a limit needs 1 <= min <= initial <= max, not ${min}, ${initial} and ${max}`)
    this.min = min
    this.#max = max
    this.#tolerance = tolerance
    this.#smoothing = smoothing
    this.#windowMs = options.windowMs ?? 100
    this.#random = options.random ?? Math.random
    this.#usual = new LongAverage(options.longWindow ?? 600)
    this.#lengthMs = this.#windowMs
    this.#estimate = initial
    this.#current = Math.floor(initial)
    this.#probeAfter = this.#spread(windowsToProbeSoon)
  }

  get current(): number {
    return this.#current
  }

  /** What is taken for the time without load, in milliseconds; 0 before anything was measured. */
  get usualMs(): number {
    return this.#usual.value
  }

  sample(startedMs: number, nowMs: number, busyMs: number, inFlight: number, timedOut: boolean): void {
    if (this.#probeSince !== undefined && startedMs < this.#probeSince) {
      this.#awaitProbe(nowMs, inFlight)
      return
    }
    if (timedOut) {
      // Whoever asks for an answer in a millisecond must not make us slow for the others.
      if (busyMs < this.#usual.value) return
      this.#timeouts += 1
    }
    if (this.#count === 0) this.#since = Math.max(this.#since, startedMs)
    this.#count += 1
    this.#sumMs += busyMs
    if (inFlight > this.#mostInFlight) this.#mostInFlight = inFlight
    if (nowMs - this.#since >= this.#lengthMs) this.#closeWindow(nowMs)
  }

  tick(nowMs: number): void {
    // Some may run for hours: then few enough are never left, and the limit must not stay where it is.
    if (this.#probeSince !== undefined && nowMs >= this.#probeUntil) this.#endProbe(nowMs)
  }

  #closeWindow(nowMs: number): void {
    if (this.#probeSince !== undefined) {
      if (this.#count >= fewestProbeSamples || nowMs >= this.#probeUntil) this.#endProbe(nowMs)
    } else if (this.#count >= (this.#usual.empty ? fewestProbeSamples : fewestSamples)) {
      const shortMs = this.#sumMs / this.#count
      if (shortMs > 0) this.#update(shortMs, nowMs)
      this.#lengthMs = Math.min(longestWindowMs, Math.max(this.#windowMs, 2 * shortMs))
      this.#openWindow(nowMs)
    } else if (nowMs - this.#since > staleMs) this.#openWindow(nowMs)
  }

  #openWindow(nowMs: number): void {
    this.#since = nowMs
    this.#count = 0
    this.#sumMs = 0
    this.#timeouts = 0
    this.#mostInFlight = 0
  }

  #update(shortMs: number, nowMs: number): void {
    const usual = this.#usual
    const mostInFlight = this.#mostInFlight
    const limit = this.#estimate
    const reached = mostInFlight >= Math.floor(limit)
    if (!reached || usual.empty || shortMs < usual.value) usual.add(shortMs)
    // After a long slow time: the average alone would take long to come down.
    if (usual.value > 2 * shortMs) usual.value *= 0.95
    const gradient = clamp((this.#tolerance * usual.value) / shortMs, 0.5, 1)
    this.#heedCalm(gradient === 1)
    // Nobody asked for more, so this says nothing about whether more would do.
    if (mostInFlight < limit / 2) return

    if (gradient < 1) {
      this.#fresh = false
      this.#step = this.#smoothing
    }
    const doubles = this.#fresh && reached && shortMs <= quickMs
    this.#estimate = clamp(this.#next(gradient, doubles), this.min, this.#max)
    this.#current = Math.floor(this.#estimate)

    if (!reached || gradient === 1) return
    this.#slowWindows += 1
    if (this.#slowWindows >= this.#probeAfter) this.#beginProbe(nowMs)
  }

  #next(gradient: number, doubles: boolean): number {
    const limit = this.#estimate
    const headroom = Math.max(4, Math.sqrt(limit))
    const byTime = limit + this.#step * (gradient * limit + (doubles ? limit : headroom) - limit)
    if (this.#timeouts === 0) return byTime
    const inTime = Math.max(0.5, 1 - this.#timeouts / this.#count)
    return Math.min(byTime, inTime * limit + headroom)
  }

  #heedCalm(isCalm: boolean): void {
    this.#calmWindows = isCalm ? this.#calmWindows + 1 : 0
    if (this.#calmWindows !== calm) return
    this.#step = 1
    this.#slowWindows = 0
    this.#probeAfter = this.#spread(windowsToProbeSoon)
  }

  #beginProbe(nowMs: number): void {
    this.#slowWindows = 0
    this.#current = Math.max(this.min, Math.floor(this.#estimate / 2))
    this.#probeSince = Number.POSITIVE_INFINITY
    this.#probeUntil = nowMs + longestProbeMs + 2 * this.#lengthMs
  }

  /** Those that began among too many say nothing; what counts begins when few enough are left. */
  #awaitProbe(nowMs: number, inFlight: number): void {
    if (nowMs >= this.#probeUntil) this.#endProbe(nowMs)
    else if (this.#probeSince === Number.POSITIVE_INFINITY && inFlight <= this.#current) {
      this.#probeSince = nowMs
      this.#openWindow(nowMs)
    }
  }

  #endProbe(nowMs: number): void {
    const began = this.#probeSince !== Number.POSITIVE_INFINITY
    if (began && this.#count >= fewestSamples) this.#learnFromProbe(this.#sumMs / this.#count)
    this.#probeSince = undefined
    this.#current = Math.floor(this.#estimate)
    this.#openWindow(nowMs)
  }

  #learnFromProbe(shortMs: number): void {
    const before = this.#usual.value
    this.#usual.restart(shortMs)
    const changed = Math.abs(shortMs - before) > news * before
    this.#probeAfter = this.#spread(changed ? windowsToProbeSoon : windowsToProbe)
    if (shortMs > before * this.#tolerance) this.#step = 1
  }

  /** Replicas that meet overload together should not all halve their limits together. */
  #spread(windows: number): number {
    return windows * (0.75 + 0.5 * this.#random())
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value))
}
