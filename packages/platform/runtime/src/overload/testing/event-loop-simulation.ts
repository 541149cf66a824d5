import { AtlasError } from '@atlas/contract'
import { createAdmission } from '../admission.ts'
import { createEventLoopGuard } from '../event-loop-guard.ts'
import { GradientLimit } from '../gradient-limit.ts'
import type { Ticket } from '../ticket.ts'
import { createTurnBudget } from '../turn-budget.ts'
import { exponential, seeded } from './random.ts'
import { settle } from './virtual-time.ts'

/** A process with one event loop, and callers who come whether or not it answers. */
export interface LoopScenario {
  readonly seed: number
  readonly durationMs: number
  readonly arrivalsPerSecond: number
  /** What a handler waits for others before it computes; 0 for one that only computes. */
  readonly waitMs: number
  readonly computeMs: number
  readonly refusalMs: number
  /** How long callers wait. */
  readonly patienceMs: number
  /** Others of the machine: after so much of work the process is away from its processor for so long. @default never */
  readonly away?: { readonly everyMs: number; readonly forMs: number }
}

/** Answers in time, by when their requests came. */
export interface LoopResult {
  goodPerSecond(fromMs: number, toMs: number): number
}

/** As in `watchEventLoop`. */
const [measureMs, lookMs, turnBudgetMs] = [20, 100, 75]

/**
 * Runs a scenario in virtual time, turn by turn as Node's loop does: timers that are due, then whatever came meanwhile, then what is
 * to follow a turn. A request is seen only when the loop comes to read it.
 */
export async function simulateLoop(scenario: LoopScenario): Promise<LoopResult> {
  const { waitMs, computeMs, refusalMs, patienceMs, away, durationMs } = scenario
  const random = seeded(scenario.seed)
  let nowMs = 0
  let workedMs = 0
  let sinceAwayMs = 0
  let timers: { readonly atMs: number; readonly run: () => void }[] = []
  let afterTurn: (() => void)[] = []
  const guard = createEventLoopGuard()
  const budget = createTurnBudget(
    turnBudgetMs,
    () => nowMs,
    (callback) => afterTurn.push(callback),
  )
  const callIn = (delayMs: number, run: () => void) => {
    timers.push({ atMs: nowMs + delayMs, run })
  }
  const admission = createAdmission({
    limit: new GradientLimit({ random }),
    guard: { overloadedFor: guard.overloadedFor, turnSpent: budget.spent },
    clock: { monotonicMs: () => nowMs, epochMs: () => nowMs, callIn },
    random,
  })
  const good: number[] = []

  function work(ms: number): void {
    nowMs += ms
    workedMs += ms
    sinceAwayMs += ms
    if (!away || sinceAwayMs < away.everyMs) return
    nowMs += away.forMs
    // The loop counts that as busy: it was not waiting for anything.
    workedMs += away.forMs
    sinceAwayMs = 0
  }

  function run(ticket: Ticket, cameMs: number): void {
    const compute = () => {
      work(computeMs)
      const inTime = nowMs - cameMs <= patienceMs
      if (inTime) good.push(cameMs)
      ticket.done('served')
    }
    if (waitMs > 0) callIn(waitMs, compute)
    else compute()
  }

  function read(cameMs: number): void {
    try {
      admission.check()
      const entered = admission.enter()
      if (entered instanceof Promise)
        entered.then(
          (ticket) => run(ticket, cameMs),
          () => work(refusalMs),
        )
      else run(entered, cameMs)
    } catch (reason) {
      if (!(reason instanceof AtlasError)) throw reason
      work(refusalMs)
    }
  }

  let measuredMs = 0
  let longestMs = 0
  let lookedMs = 0
  let workedAtLookMs = 0
  function measure(): void {
    longestMs = Math.max(longestMs, nowMs - measuredMs - measureMs)
    measuredMs = nowMs
    if (nowMs - lookedMs >= lookMs) {
      guard.look({ delayMs: longestMs, utilization: (workedMs - workedAtLookMs) / (nowMs - lookedMs) })
      longestMs = 0
      lookedMs = nowMs
      workedAtLookMs = workedMs
    }
    callIn(measureMs, measure)
  }
  callIn(measureMs, measure)

  const next = () => exponential(random, 1000 / scenario.arrivalsPerSecond)
  let comesMs = next()
  while (nowMs < durationMs) {
    const due = timers.filter(({ atMs }) => atMs <= nowMs).sort((one, other) => one.atMs - other.atMs)
    timers = timers.filter(({ atMs }) => atMs > nowMs)
    for (const { run } of due) {
      run()
      await settle()
    }
    const came: number[] = []
    for (; comesMs <= nowMs; comesMs += next()) came.push(comesMs)
    for (const cameMs of came) {
      read(cameMs)
      await settle()
    }
    const ended = afterTurn
    afterTurn = []
    for (const end of ended) end()
    // Nothing to do: the loop sleeps until something is.
    const dueMs = Math.min(comesMs, ...timers.map(({ atMs }) => atMs))
    if (dueMs > nowMs) nowMs = dueMs
  }
  return {
    goodPerSecond: (fromMs, toMs) =>
      good.filter((cameMs) => cameMs >= fromMs && cameMs < toMs).length / ((toMs - fromMs) / 1000),
  }
}
