import type { ArmTick, Tick } from '../evidence/tick.ts'
import type { Random } from './random.ts'
import { refusalRate, type Scenario, slowRates } from './scenario.ts'

const secondsOfRequest = 0.002
/** Incidents that go on are kept by the second in which the next failure comes. */
const memorySeconds = 64

/** Traffic of a canary and its control, second by second. The control has two halves, which are what dispersion is learned from. */
export class CanaryTraffic {
  readonly #scenario: Scenario
  readonly #random: Random
  readonly #rampSeconds: number
  readonly #pending = [0, 1, 2].map(() => new Float64Array(memorySeconds))
  #second = 0

  constructor(scenario: Scenario, random: Random, rampSeconds: number) {
    this.#scenario = scenario
    this.#random = random
    this.#rampSeconds = rampSeconds
  }

  /** The next second, with a share of the traffic at the canary. */
  next(share: number): Tick {
    const { rps, swing = 0, effect } = this.#scenario
    const season = 1 + swing * Math.sin((2 * Math.PI * this.#second) / this.#rampSeconds)
    const total = rps * season
    const active = this.#second >= (effect.afterSeconds ?? 0)
    const canary = this.#arm(0, total * share, active, Math.max(1, 10 * share))
    const first = this.#arm(1, (total * (1 - share)) / 2, false, 5)
    const second = this.#arm(2, (total * (1 - share)) / 2, false, 5)
    this.#second++
    return { seconds: 1, canary, control: sum(first, second), halves: [first, second] }
  }

  #arm(arm: 0 | 1 | 2, rps: number, affected: boolean, pods: number): ArmTick {
    const { effect, failureRate } = this.#scenario
    const random = this.#random
    const requests = random.poisson(rps)
    const times = (effectOf: number | undefined) => (affected ? (effectOf ?? 1) : 1)
    const slow = times(effect.slow)
    const above50 = random.binomial(requests, slowRates[0])
    const above90 = random.binomial(above50, Math.min(1, (slowRates[1] * slow) / slowRates[0]))
    const above99 = random.binomial(above90, Math.min(1, slowRates[2] / slowRates[1]))
    const cost = secondsOfRequest * times(effect.cost) * (1 + 0.1 * random.normal())
    return {
      requests,
      failures: this.#failures(arm, requests, Math.min(1, failureRate * times(effect.failures))),
      slower: [above50, above90, above99],
      refusals: { not_found: random.binomial(requests, Math.min(1, refusalRate * times(effect.refusals))) },
      busySeconds: Math.max(0, requests * cost),
      restarts: affected ? random.poisson((effect.restartsPerHour ?? 0) / 3600) : 0,
      podSeconds: pods,
    }
  }

  #failures(arm: number, requests: number, rate: number): number {
    const { clusterSize = 1, outage = 0 } = this.#scenario
    const random = this.#random
    const inOutage = outage > 0 && Math.abs(this.#second - this.#rampSeconds / 2) < 30
    const common = inOutage ? random.binomial(requests, outage) : 0
    if (clusterSize <= 1) return common + random.binomial(requests, rate)
    const pending = this.#pending[arm]!
    const now = this.#second % memorySeconds
    for (let incident = random.binomial(requests, rate / clusterSize); incident > 0; incident--) {
      const size = Math.min(random.geometric(clusterSize), memorySeconds)
      for (let retry = 0; retry < size; retry++) pending[(now + retry) % memorySeconds]!++
    }
    const failures = pending[now]!
    pending[now] = 0
    return common + failures
  }
}

function sum(a: ArmTick, b: ArmTick): ArmTick {
  return {
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    slower: a.slower.map((count, edge) => count + b.slower[edge]!),
    refusals: { not_found: a.refusals.not_found! + b.refusals.not_found! },
    busySeconds: a.busySeconds + b.busySeconds,
    restarts: a.restarts + b.restarts,
    podSeconds: a.podSeconds + b.podSeconds,
  }
}
