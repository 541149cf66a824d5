import type { Tick } from '../evidence/tick.ts'

/** What a rule says after a second: go on, give all traffic to the canary, or take all from it. */
export type Decision = 'continue' | 'promote' | 'roll back'

/** A rule that shifts traffic and decides, as other tools have it. */
export interface Rule {
  /** The canary's share of the traffic in the next second. */
  readonly share: number
  /** Told of each second. */
  add(tick: Tick): Decision
}

/** Requests and failures of a minute, and how slow its requests were. */
export class Minute {
  #seconds = 0
  requests = 0
  failures = 0
  slow = 0

  /** Adds a second of an arm; says whether the minute is over. */
  add(arm: Tick['canary']): boolean {
    this.requests += arm.requests
    this.failures += arm.failures
    this.slow += arm.slower.at(-1) ?? 0
    return ++this.#seconds >= 60
  }
}
