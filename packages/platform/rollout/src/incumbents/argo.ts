import type { Tick } from '../evidence/tick.ts'
import { type Decision, Minute, type Rule } from './rule.ts'

const weights = [0.2, 0.4, 0.6, 0.8] as const
const secondsAtWeight = 150

/**
 * Argo Rollouts' decision as `docs/features/analysis.md` and `analysis.go` (1.8) have it: a background analysis measures the
 * canary's success rate of the last minute once a minute; one below the condition counts as failed, one without requests is
 * inconclusive and pauses, and more than `failureLimit` failed ones abort. The weights are those of its introduction, in ten minutes.
 */
export class ArgoRule implements Rule {
  #minute = new Minute()
  #failed = 0
  #seconds = 0
  readonly #failureLimit: number
  readonly #success: number

  constructor({
    failureLimit = 3,
    success = 0.99,
  }: { readonly failureLimit?: number; readonly success?: number } = {}) {
    this.#failureLimit = failureLimit
    this.#success = success
  }

  get share(): number {
    return weights[Math.min(weights.length - 1, Math.floor(this.#seconds / secondsAtWeight))]!
  }

  add({ canary }: Tick): Decision {
    if (this.#minute.add(canary)) {
      const { requests, failures } = this.#minute
      this.#minute = new Minute()
      if (requests === 0) return 'continue'
      if (failures > (1 - this.#success) * requests && ++this.#failed > this.#failureLimit) return 'roll back'
    }
    return ++this.#seconds >= weights.length * secondsAtWeight ? 'promote' : 'continue'
  }
}
