import { performance } from 'node:perf_hooks'
import type { OverloadSign } from './overload-ceiling.ts'
import { createTurnBudget } from './turn-budget.ts'

/** What the event loop did since the last look. */
export interface EventLoopReading {
  /** The longest that anything waited for its turn. */
  readonly delayMs: number
  /** Which share of the time it was not idle, from 0 to 1. */
  readonly utilization: number
}

/** Options of {@link createEventLoopGuard}. */
export interface EventLoopGuardOptions {
  /** From this delay on it may be overloaded. @default 100 ms: that is added to every answer, many times over */
  readonly overloadedDelayMs?: number
  /** From this utilization on it may be overloaded. @default 0.9: a delay without load is a pause, which passes */
  readonly overloadedUtilization?: number
  /** Below this delay it is well. @default 50 ms */
  readonly wellDelayMs?: number
  /** Below this utilization it is well. @default 0.7 */
  readonly wellUtilization?: number
  /**
   * What requests may use of a turn of the loop while it is overloaded. @default halfway between the two delays: below the
   * lower one the loop would count as well, and above the upper one nothing would be gained
   */
  readonly turnBudgetMs?: number
  /** How many looks in a row it takes to change the mind. @default 3: one slow request or garbage collection is not overload */
  readonly looks?: number
}

const defaults = {
  overloadedDelayMs: 100,
  overloadedUtilization: 0.9,
  wellDelayMs: 50,
  wellUtilization: 0.7,
  looks: 3,
} as const

/** Says whether the event loop is overloaded, with hysteresis. */
export interface EventLoopGuard extends OverloadSign {
  /** Looks once. */
  look(reading: EventLoopReading): void
  /** What was read last. */
  readonly last: EventLoopReading
}

/**
 * Makes a guard of what is shared by everything in the process. Limits see only their own class; the loop is also busy
 * with other classes, mounted apps, refusals and timers.
 */
export function createEventLoopGuard(options: EventLoopGuardOptions = {}): EventLoopGuard {
  const { overloadedDelayMs, overloadedUtilization, wellDelayMs, wellUtilization, looks } = {
    ...defaults,
    ...options,
  }
  let last: EventLoopReading = { delayMs: 0, utilization: 0 }
  /** Looks in a row that speak against what is believed. */
  let against = 0
  let overloadedFor = 0

  function look(reading: EventLoopReading): void {
    const { delayMs, utilization } = reading
    last = reading
    const overloaded = overloadedFor > 0
    const speaksAgainst = overloaded
      ? delayMs < wellDelayMs || utilization < wellUtilization
      : delayMs >= overloadedDelayMs && utilization >= overloadedUtilization
    against = speaksAgainst ? against + 1 : 0
    if (against < looks) {
      if (overloaded) overloadedFor += 1
      return
    }
    against = 0
    overloadedFor = overloaded ? 0 : 1
  }

  return {
    look,
    overloadedFor: () => overloadedFor,
    get last() {
      return last
    },
  }
}

/** A guard that looks at this process. */
export interface EventLoopWatch extends OverloadSign {
  readonly last: EventLoopReading
  /** Whether it looks; while there are no requests it sleeps. */
  readonly awake: boolean
  close(): void
}

/** How often the delay is measured. */
const measureMs = 20

/** How often the guard looks. */
const lookMs = 100

/** So many looks at an idle loop in a row, and it goes to sleep: hundreds of idle processes share a machine. */
const looksToSleep = 20

/** Below this utilization the loop is idle. */
const idleUtilization = 0.1

/**
 * Watches the event loop of this process from the first question on.
 *
 * The delay is how late a timer fires. Node's `monitorEventLoopDelay` measures the same, but after each `reset()` it
 * leaves out the first firing, so that there is nothing in it just when every turn of the loop takes longer than a look.
 */
export function watchEventLoop(options: EventLoopGuardOptions = {}): EventLoopWatch {
  const guard = createEventLoopGuard(options)
  const { overloadedDelayMs = defaults.overloadedDelayMs, wellDelayMs = defaults.wellDelayMs } = options
  const budget = createTurnBudget(options.turnBudgetMs ?? (overloadedDelayMs + wellDelayMs) / 2)
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let idleLooks = 0
  let measuredAt = 0
  let longestMs = 0
  let lookedAt = 0
  let before = performance.eventLoopUtilization()

  function measure(): void {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - measuredAt - measureMs)
    measuredAt = now
    if (now - lookedAt >= lookMs) look(now)
  }

  function look(now: number): void {
    const used = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(used, before)
    before = used
    guard.look({ delayMs: longestMs, utilization })
    longestMs = 0
    lookedAt = now
    idleLooks = utilization < idleUtilization && guard.overloadedFor() === 0 ? idleLooks + 1 : 0
    if (idleLooks >= looksToSleep) sleep()
  }

  function wake(): void {
    idleLooks = 0
    longestMs = 0
    measuredAt = performance.now()
    lookedAt = measuredAt
    before = performance.eventLoopUtilization()
    timer = setInterval(measure, measureMs).unref()
  }

  function sleep(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    overloadedFor() {
      if (timer === undefined && !closed) wake()
      return guard.overloadedFor()
    },
    turnSpent: budget.spent,
    get last() {
      return guard.last
    },
    get awake() {
      return timer !== undefined
    },
    close() {
      closed = true
      sleep()
    },
  }
}
