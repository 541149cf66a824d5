import { AtlasError } from '@atlas/contract'
import type { Admission } from '../admission.ts'
import type { Clock } from '../clock.ts'
import type { Ticket } from '../ticket.ts'
import { exponential, seeded } from './random.ts'
import { VirtualTime } from './virtual-time.ts'

/** A server with a queue inside that nobody sees, and callers who come whether or not it answers. */
export interface Scenario {
  readonly seed: number
  readonly durationMs: number
  readonly arrivalsPerSecond: (nowMs: number) => number
  /** How many are worked on at the same time; the others wait inside their handlers. */
  readonly workers: number
  /** The work of one request. */
  readonly workMs: (random: () => number, nowMs: number) => number
  /** What it waits for others besides, which takes no worker. */
  readonly awayMs?: (nowMs: number) => number
  /** How long callers wait. An answer after that is worth nothing, but the handler does not stop. */
  readonly patienceMs: number
  /** The work of saying no. */
  readonly refusalMs?: number
  /** Absent for a server that takes on everything. */
  readonly admission?: (clock: Clock, random: () => number) => Admission
  /** Called ten times a second. */
  readonly observe?: (nowMs: number, admission: Admission | undefined) => void
}

/** What became of the requests that came from `fromMs` to `toMs`. */
export interface Result {
  readonly arrived: number
  /** Answers in time. */
  readonly good: number
  /** Answers that nobody waited for any more. */
  readonly wasted: number
  readonly refused: number
  /** Callers who gave up before anything ran for them. */
  readonly gaveUp: number
  /** How long the answers in time took, sorted. */
  readonly latenciesMs: readonly number[]
}

interface Request {
  readonly cameMs: number
  fate?: 'good' | 'late' | 'refused' | 'gave up'
  latencyMs?: number
}

/** Runs a scenario in virtual time. */
export async function simulate(scenario: Scenario): Promise<(fromMs: number, toMs: number) => Result> {
  const time = new VirtualTime()
  const random = seeded(scenario.seed)
  const admission = scenario.admission?.(time, random)
  const requests: Request[] = []
  const jobs: { workMs: number; done: () => void }[] = []
  let firstJob = 0
  let idle = scenario.workers

  function work(workMs: number, done: () => void): void {
    jobs.push({ workMs, done })
    startJobs()
  }

  function startJobs(): void {
    while (idle > 0 && firstJob < jobs.length) {
      const job = jobs[firstJob]!
      firstJob += 1
      idle -= 1
      time.callIn(job.workMs, () => {
        idle += 1
        job.done()
        startJobs()
      })
    }
  }

  function handle(request: Request, ticket: Ticket | undefined): void {
    work(scenario.workMs(random, time.nowMs), () => {
      const awayMs = scenario.awayMs?.(time.nowMs) ?? 0
      time.callIn(awayMs, () => {
        request.latencyMs = time.nowMs - request.cameMs
        const late = request.latencyMs > scenario.patienceMs
        request.fate = late ? 'late' : 'good'
        ticket?.done(late ? 'timed-out' : 'served')
      })
    })
  }

  function refuse(request: Request, error: unknown): void {
    if (!(error instanceof AtlasError)) throw error
    request.fate = error.code === 'canceled' ? 'gave up' : 'refused'
    if (scenario.refusalMs && request.fate === 'refused') work(scenario.refusalMs, () => {})
  }

  function arrive(): void {
    const request: Request = { cameMs: time.nowMs }
    requests.push(request)
    if (admission) {
      try {
        const entered = admission.enter(new Caller(time, scenario.patienceMs))
        if (entered instanceof Promise)
          entered.then(
            (ticket) => handle(request, ticket),
            (error) => refuse(request, error),
          )
        else handle(request, entered)
      } catch (error) {
        refuse(request, error)
      }
    } else handle(request, undefined)
    nextArrival()
  }

  function nextArrival(): void {
    const rate = scenario.arrivalsPerSecond(time.nowMs)
    time.callIn(rate > 0 ? exponential(random, 1000 / rate) : 1000, rate > 0 ? arrive : nextArrival)
  }

  function observe(): void {
    scenario.observe?.(time.nowMs, admission)
    time.callIn(100, observe)
  }

  nextArrival()
  observe()
  await time.runUntil(scenario.durationMs)
  return (fromMs, toMs) => resultOf(requests.filter(({ cameMs }) => cameMs >= fromMs && cameMs < toMs))
}

/** Like a request's scope: it makes its signal when somebody asks for it. */
class Caller {
  readonly deadline: number
  readonly #time: VirtualTime

  constructor(time: VirtualTime, patienceMs: number) {
    this.#time = time
    this.deadline = time.nowMs + patienceMs
  }

  get signal(): AbortSignal {
    const controller = new AbortController()
    const abort = () => controller.abort(new AtlasError('canceled', 'the caller gave up'))
    this.#time.callIn(this.deadline - this.#time.nowMs, abort)
    return controller.signal
  }
}

function resultOf(requests: readonly Request[]): Result {
  const count = (fate: Request['fate']) => requests.filter((request) => request.fate === fate).length
  return {
    arrived: requests.length,
    good: count('good'),
    wasted: count('late'),
    refused: count('refused'),
    gaveUp: count('gave up'),
    latenciesMs: requests
      .filter(({ fate }) => fate === 'good')
      .map(({ latencyMs }) => latencyMs!)
      .sort((one, other) => one - other),
  }
}

/** The value below which a share of the sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
