import { type ArmTick, isUsable, refusalsOf, type Tick } from '../evidence/tick.ts'
import { combine, type WeightedEvidence } from '../sequential/combine.ts'
import { Dispersion } from '../sequential/dispersion.ts'
import { RateBelow } from '../sequential/rate-mixture.ts'
import { SignMixture } from '../sequential/sign-mixture.ts'
import { splitEvidence } from '../sequential/split-test.ts'
import { EventMetric, latencyBets } from './metric.ts'
import { type JudgeOptions, type Settings, settingsOf } from './options.ts'
import type { MetricFinding, Verdict } from './verdict.ts'
import { weights } from './weights.ts'

/** Evidence from which on a canary does not grow until it is smaller again: one in a hundred good releases gets there. */
const suspicion = Math.log(100)

/**
 * Restarts count one by one, although a crash loop is a cluster of them: a canary pod that starts again and again is not to be
 * promoted, even if its node is to blame.
 */
const restartDispersion = 1

/** Ticks between two readings of the cost of a request: neighbouring seconds are too alike to count as two. */
const costBlockTicks = 10

interface CostBlock {
  readonly busySeconds: [canary: number, control: number]
  readonly requests: [canary: number, control: number]
  ticks: number
}

/**
 * Judges one canary. Everything is passed in: ticks as they come, and the time as their sum, so that the same ticks give
 * the same verdict, whenever and however often it is asked.
 */
export class Judge {
  readonly settings: Settings
  readonly #failures: EventMetric
  readonly #withinBudget: RateBelow
  readonly #slower: readonly EventMetric[]
  readonly #refusals = new Map<string, EventMetric>()
  readonly #restarts: EventMetric
  readonly #cost = new SignMixture()
  #costBlock: CostBlock = { busySeconds: [0, 0], requests: [0, 0], ticks: 0 }
  /** How clustered failures were before: a control that falls apart during the canary must not excuse itself by that. */
  readonly #phiBefore: number
  #halves = { failures: [0, 0], requests: [0, 0] }
  #unusable = 0
  #seconds = 0
  #canaryRequests = 0
  #controlRequests = 0
  #rolledBack: (Verdict & { kind: 'roll back' }) | undefined

  /**
   * @param dispersions what was learned of the control before the canary, by metric; they go on learning
   * @throws RangeError for options that make no sense
   */
  constructor(options: JudgeOptions, dispersions: ReadonlyMap<string, Dispersion> = new Map()) {
    this.settings = settingsOf(options)
    const { toleratedRatio, failureBudget, latencyEdges } = this.settings
    this.#failures = new EventMetric('failures', toleratedRatio, undefined, dispersions.get('failures'))
    this.#phiBefore = this.#failures.dispersion.phi
    this.#withinBudget = new RateBelow(failureBudget)
    this.#slower = latencyEdges.map((edge) => {
      const name = `slower than ${edge} s`
      return new EventMetric(name, toleratedRatio, latencyBets, dispersions.get(name))
    })
    this.#restarts = new EventMetric(
      'restarts',
      toleratedRatio,
      undefined,
      dispersions.get('restarts') ?? new Dispersion(restartDispersion),
    )
  }

  /** Adds what both arms did meanwhile. A tick with what is no count says nothing, and is left out whole. */
  add(tick: Tick): void {
    if (!isUsable(tick)) {
      this.#unusable++
      return
    }
    const { seconds, canary, control, halves } = tick
    this.#seconds += seconds
    this.#canaryRequests += canary.requests
    this.#controlRequests += control.requests
    this.#restarts.add(
      canary.restarts,
      control.restarts,
      canary.podSeconds / (canary.podSeconds + control.podSeconds),
    )
    const share = canary.requests / (canary.requests + control.requests)
    this.#failures.add(canary.failures, control.failures, share)
    this.#withinBudget.add(canary.failures, canary.requests)
    for (let edge = 0; edge < this.#slower.length; edge++)
      this.#slower[edge]!.add(canary.slower[edge] ?? 0, control.slower[edge] ?? 0, share)
    this.#addRefusals(canary, control, share)
    this.#addCost(canary, control)
    if (halves) this.#learn(halves)
  }

  /** What can be said now. Once it was to roll back, it stays so. */
  verdict(): Verdict {
    if (this.#rolledBack) return this.#rolledBack
    const evidence = this.logEvidence()
    const { alpha, rampSeconds } = this.settings
    if (evidence >= -Math.log(alpha)) {
      const worst = this.findings().reduce((a, b) =>
        Math.log(a.weight) + a.logEvidence > Math.log(b.weight) + b.logEvidence ? a : b,
      )
      this.#rolledBack = { kind: 'roll back', metric: worst.metric, reason: worseReason(worst, this.share) }
      return this.#rolledBack
    }
    const calm = evidence < suspicion
    if (this.#seconds < rampSeconds)
      return {
        kind: 'continue',
        mayIncrease: calm,
        reason: calm
          ? 'nothing speaks against the release so far'
          : `the release looks worse, and it is not certain yet: evidence ${Math.exp(evidence).toFixed(0)} of ${Math.round(1 / alpha)}`,
      }
    if (!calm) return this.#undecided('the release looks worse, and it is not certain')
    const missing = this.#missing()
    return missing === undefined
      ? { kind: 'promote', reason: this.#harmlessReason() }
      : this.#undecided(missing)
  }

  /** Natural logarithm of the evidence of all metrics together. */
  logEvidence(): number {
    return combine(this.#weighted())
  }

  /** Seconds of ticks so far. */
  get seconds(): number {
    return this.#seconds
  }

  /** Ticks that were left out, because something in them was no count. */
  get unusableTicks(): number {
    return this.#unusable
  }

  /** Requests that the canary answered so far. */
  get exposedRequests(): number {
    return this.#canaryRequests
  }

  /** The canary's share of the requests so far. */
  get share(): number {
    return this.#canaryRequests / (this.#canaryRequests + this.#controlRequests)
  }

  /** Evidence by metric. */
  findings(): MetricFinding[] {
    const { wins, losses } = this.#cost.counts
    const cost: MetricFinding = {
      metric: 'cost',
      weight: weights.cost,
      logEvidence: this.#cost.logEvidence(),
      logHarmless: undefined,
      canary: wins,
      control: losses,
      dispersion: 1,
    }
    return [
      ...this.#events().map(([metric, weight]) => findingOf(metric, weight, metric !== this.#restarts)),
      cost,
    ]
  }

  #weighted(): WeightedEvidence[] {
    const evidences: WeightedEvidence[] = [{ weight: weights.cost, logEvidence: this.#cost.logEvidence() }]
    for (const [metric, weight] of this.#events())
      evidences.push({ weight, logEvidence: metric.worse.logEvidence(metric.dispersion.phi) })
    return evidences
  }

  #events(): (readonly [metric: EventMetric, weight: number])[] {
    const events: (readonly [EventMetric, number])[] = [
      [this.#failures, weights.failures],
      [this.#restarts, weights.restarts],
    ]
    for (const metric of this.#slower) events.push([metric, weights.latency / this.#slower.length])
    // Kinds are not known beforehand. The i-th to appear may use 1/(i(i+1)): together never more than all.
    let kind = 0
    for (const metric of this.#refusals.values())
      events.push([metric, weights.refusals / (++kind * (kind + 1))])
    return events
  }

  /** The smallest difference in what happened that would have led to another verdict, as a sentence. */
  whatWouldChange(): string {
    const verdict = this.verdict()
    const { alpha, beta } = this.settings
    const { phi } = this.#failures.dispersion
    const others = this.findings().filter(({ metric }) => metric !== this.#failures.name)
    const accused = (moved: number) =>
      combine([
        ...others,
        { weight: weights.failures, logEvidence: this.#failures.worse.logEvidence(phi, moved) },
      ]) >= -Math.log(alpha)
    if (verdict.kind === 'roll back') {
      const fewer = smallest(this.#failures.canary, (count) => !accused(-count))
      return fewer === undefined
        ? `no other number of failures would have changed it: ${verdict.metric} decided`
        : `with ${fewer} of the ${this.#failures.canary} failures of the canary in the control instead, it would not have been rolled back by now`
    }
    if (verdict.kind === 'not enough evidence') {
      const enough = (more: number) => this.#withinBudget.logEvidence(phi, more) >= -Math.log(beta)
      const more = smallest(1e12, enough)
      return more === undefined
        ? `no number of requests without a failure would have shown that it fails in less than ${percent(this.settings.failureBudget)}`
        : `${more} more requests of the canary without a failure would have shown that it fails in less than ${percent(this.settings.failureBudget)}`
    }
    const more = smallest(1e6, accused)
    return `${more === undefined ? 'more than a million' : more} more failures in the canary instead of the control would have rolled it back`
  }

  #addRefusals(canary: ArmTick, control: ArmTick, share: number): void {
    for (const code of new Set([...Object.keys(canary.refusals), ...Object.keys(control.refusals)])) {
      let metric = this.#refusals.get(code)
      if (!metric) {
        metric = new EventMetric(`refused as ${code}`, this.settings.toleratedRatio)
        this.#refusals.set(code, metric)
      }
      metric.add(refusalsOf(canary, code), refusalsOf(control, code), share)
    }
  }

  #addCost(canary: ArmTick, control: ArmTick): void {
    const block = this.#costBlock
    block.busySeconds[0] += canary.busySeconds
    block.busySeconds[1] += control.busySeconds
    block.requests[0] += canary.requests
    block.requests[1] += control.requests
    if (++block.ticks < costBlockTicks) return
    const [canaryCost, controlCost] = [0, 1].map((arm) => block.busySeconds[arm]! / block.requests[arm]!)
    // Less than that is the noise of a process that has nothing to do.
    if (
      block.busySeconds[0] >= 0.05 &&
      block.busySeconds[1] >= 0.05 &&
      Number.isFinite(canaryCost! + controlCost!)
    )
      this.#cost.add(canaryCost! > this.settings.toleratedCost * controlCost!)
    this.#costBlock = { busySeconds: [0, 0], requests: [0, 0], ticks: 0 }
  }

  #learn([first, second]: readonly [ArmTick, ArmTick]): void {
    for (const [half, arm] of [first, second].entries()) {
      this.#halves.failures[half]! += arm.failures
      this.#halves.requests[half]! += arm.requests
    }
    const share = first.requests / (first.requests + second.requests)
    this.#failures.dispersion.add(first.failures, second.failures, share)
    for (let edge = 0; edge < this.#slower.length; edge++)
      this.#slower[edge]!.dispersion.add(first.slower[edge] ?? 0, second.slower[edge] ?? 0, share)
    for (const [code, metric] of this.#refusals)
      metric.dispersion.add(refusalsOf(first, code), refusalsOf(second, code), share)
  }

  /** Whether the halves of the control, which run the same code, fail differently: then a comparison with it means little. */
  #controlDisagrees(): boolean {
    const [first, second] = this.#halves.failures
    const [requests, others] = this.#halves.requests
    const share = requests! / (requests! + others!)
    if (!(share > 0 && share < 1)) return false
    const phi = this.#phiBefore
    return splitEvidence(first! / phi, second! / phi, share) >= -Math.log(this.settings.alpha)
  }

  /** What is not shown yet of a release that nothing speaks against. */
  #missing(): string | undefined {
    const { toleratedRatio, failureBudget, beta } = this.settings
    if (this.#controlDisagrees())
      return `half of the control's pods had ${this.#halves.failures[0]} failures and the other ${this.#halves.failures[1]}, so a comparison with it shows nothing; look for a pod or zone that is ill`
    const enough = -Math.log(beta)
    const { phi } = this.#failures.dispersion
    if (this.#failures.harmless.logEvidence(phi) < enough && this.#withinBudget.logEvidence(phi) < enough)
      return `${this.#canaryRequests} requests with ${this.#failures.canary} failures do not show that it fails less than ${toleratedRatio} times as often, nor that it fails in less than ${percent(failureBudget)}`
    const slowest = this.#slower.at(-1)
    if (slowest && slowest.harmless.logEvidence(slowest.dispersion.phi) < enough)
      return `${this.#canaryRequests} requests do not show that it is ${slowest.name} less than ${toleratedRatio} times as often`
    return undefined
  }

  #undecided(reason: string): Verdict {
    const { undecided, rampSeconds, greatestExtension } = this.settings
    const late = this.#seconds >= rampSeconds * greatestExtension
    const action = undecided === 'extend' && late ? 'hold' : undecided
    return { kind: 'not enough evidence', action, reason }
  }

  #harmlessReason(): string {
    const failures = this.#failures
    return `${this.#canaryRequests} requests of the canary had ${failures.canary} failures, ${this.#controlRequests} of the control ${failures.control}`
  }
}

function findingOf(metric: EventMetric, weight: number, asksHarmless: boolean): MetricFinding {
  const { phi } = metric.dispersion
  return {
    metric: metric.name,
    weight,
    logEvidence: metric.worse.logEvidence(phi),
    logHarmless: asksHarmless ? metric.harmless.logEvidence(phi) : undefined,
    canary: metric.canary,
    control: metric.control,
    dispersion: phi,
  }
}

function worseReason({ metric, canary, control }: MetricFinding, share: number): string {
  if (metric === 'cost')
    return `a request costs more CPU than is tolerated in ${canary} of ${canary + control} readings`
  return `${metric}: ${canary} in the canary and ${control} in the control, where ${percent(share)} of the requests went to the canary`
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

/** The smallest count from 1 to `most` of which a condition holds that holds of all greater ones too. */
function smallest(most: number, holds: (count: number) => boolean): number | undefined {
  if (most < 1 || !holds(most)) return undefined
  let [low, high] = [0, most]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
