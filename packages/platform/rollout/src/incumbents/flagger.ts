import type { Tick } from '../evidence/tick.ts'
import { type Decision, Minute, type Rule } from './rule.ts'

/**
 * Flagger's decision as its documentation and `scheduler.go` (1.36) have it, with the settings of its tutorial: every minute
 * the success rate of the canary in that minute must be at least 99 %. A check without requests fails too. (The tutorial's second
 * metric, a p99 of at most 500 ms, is left out in its favour: in these worlds it could only add false alarms.) A failed check holds the weight; five in all roll back; each check that
 * passes adds 10 % up to 50 %, and after that one promotes.
 */
export class FlaggerRule implements Rule {
  share = 0.1
  #minute = new Minute()
  #failed = 0
  readonly #threshold: number
  readonly #success: number

  constructor({
    threshold = 5,
    success = 0.99,
  }: { readonly threshold?: number; readonly success?: number } = {}) {
    this.#threshold = threshold
    this.#success = success
  }

  add({ canary }: Tick): Decision {
    if (!this.#minute.add(canary)) return 'continue'
    const { requests, failures } = this.#minute
    this.#minute = new Minute()
    const passes = requests > 0 && failures <= (1 - this.#success) * requests
    if (!passes) return ++this.#failed >= this.#threshold ? 'roll back' : 'continue'
    if (this.share >= 0.5) return 'promote'
    this.share += 0.1
    return 'continue'
  }
}
