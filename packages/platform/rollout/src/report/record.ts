import type { Quality } from '../evidence/counter-deltas.ts'
import type { Tick } from '../evidence/tick.ts'
import type { Judge } from '../judge/judge.ts'
import type { Settings } from '../judge/options.ts'
import type { MetricFinding, Verdict } from '../judge/verdict.ts'
import type { Power } from '../planning/power.ts'

/** A moment of a canary. */
export interface Moment {
  readonly second: number
  /** The canary's share of the requests since the moment before. */
  readonly share: number
  /** Natural logarithm of all evidence against the release. */
  readonly logEvidence: number
  /** The same by metric, without weights. */
  readonly byMetric: Readonly<Record<string, number>>
  /** Requests and failures since the moment before. */
  readonly canary: { readonly requests: number; readonly failures: number }
  readonly control: { readonly requests: number; readonly failures: number }
}

/** Everything that a verdict was made of: the JSON document of a report. */
export interface CanaryRecord {
  readonly version: 1
  readonly servlet: string
  readonly release: string
  readonly replaces: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly settings: Settings
  readonly verdict: Verdict
  readonly whatWouldChange: string
  readonly findings: readonly MetricFinding[]
  readonly seconds: number
  readonly exposedRequests: number
  /** What the canary could see, said before it started. */
  readonly power: readonly Power[]
  readonly moments: readonly Moment[]
  /** What of the input was left out, and why. */
  readonly quality: Quality | undefined
}

/** More points than that are no better plot. */
const mostMoments = 400

/** Writes down what a judge sees, for its report. */
export class Recorder {
  readonly #judge: Judge
  #moments: Moment[] = []
  #everySeconds = 1
  #pending = { canary: { requests: 0, failures: 0 }, control: { requests: 0, failures: 0 } }
  #last = 0

  constructor(judge: Judge) {
    this.#judge = judge
  }

  /** Adds a tick to the judge, and what it changed to the record. */
  add(tick: Tick): void {
    this.#judge.add(tick)
    for (const arm of ['canary', 'control'] as const) {
      this.#pending[arm].requests += tick[arm].requests
      this.#pending[arm].failures += tick[arm].failures
    }
    const { seconds } = this.#judge
    if (seconds - this.#last < this.#everySeconds) return
    this.#last = seconds
    const { canary, control } = this.#pending
    this.#moments.push({
      second: seconds,
      share: canary.requests / (canary.requests + control.requests || 1),
      logEvidence: this.#judge.logEvidence(),
      byMetric: Object.fromEntries(
        this.#judge.findings().map(({ metric, logEvidence }) => [metric, logEvidence]),
      ),
      canary,
      control,
    })
    this.#pending = { canary: { requests: 0, failures: 0 }, control: { requests: 0, failures: 0 } }
    if (this.#moments.length <= mostMoments) return
    this.#moments = pairs(this.#moments)
    this.#everySeconds *= 2
  }

  /** The record as of now. */
  record(
    about: Pick<CanaryRecord, 'servlet' | 'release' | 'replaces' | 'startedAt' | 'power' | 'quality'>,
  ): CanaryRecord {
    const judge = this.#judge
    return {
      version: 1,
      ...about,
      settings: judge.settings,
      verdict: judge.verdict(),
      whatWouldChange: judge.whatWouldChange(),
      findings: judge.findings(),
      seconds: judge.seconds,
      exposedRequests: judge.exposedRequests,
      moments: this.#moments,
    }
  }
}

/** Half as many moments: two become the later one, with the counts of both. */
function pairs(moments: readonly Moment[]): Moment[] {
  const merged: Moment[] = []
  for (let index = 0; index + 1 < moments.length; index += 2) {
    const [first, second] = [moments[index]!, moments[index + 1]!]
    const canary = sum(first.canary, second.canary)
    const control = sum(first.control, second.control)
    merged.push({
      ...second,
      canary,
      control,
      share: canary.requests / (canary.requests + control.requests || 1),
    })
  }
  if (moments.length % 2 === 1) merged.push(moments.at(-1)!)
  return merged
}

function sum(a: Moment['canary'], b: Moment['canary']): Moment['canary'] {
  return { requests: a.requests + b.requests, failures: a.failures + b.failures }
}
