import type { Rule } from '../incumbents/rule.ts'
import { Judge } from '../judge/judge.ts'
import type { JudgeOptions } from '../judge/options.ts'
import { type Step, tenMinutes } from '../planning/ramp.ts'
import type { Dispersion } from '../sequential/dispersion.ts'
import { CanaryTraffic } from './canary-traffic.ts'
import { Random } from './random.ts'
import type { Scenario } from './scenario.ts'

/** How a canary ended. */
export interface Outcome {
  readonly decision: 'promote' | 'roll back' | 'not enough evidence'
  /** Seconds until then. */
  readonly seconds: number
  /** The metric that spoke against it. */
  readonly metric: string | undefined
  /** Requests that the new release answered within an hour of its start, after a promotion included. */
  readonly exposedRequests: number
}

/** Within this time exposure is counted. */
export const horizonSeconds = 3600

/** Length of a ramp. */
export function rampSeconds(steps: readonly Step[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Runs a canary under the judge. What it learned of the control beforehand is not changed. */
export function runJudged(
  scenario: Scenario,
  seed: number,
  learned: ReadonlyMap<string, Dispersion>,
  options: Partial<JudgeOptions> = {},
  steps: readonly Step[] = tenMinutes,
): Outcome {
  const ramp = rampSeconds(steps)
  const traffic = new CanaryTraffic(scenario, new Random(seed), ramp)
  const dispersions = new Map([...learned].map(([name, dispersion]) => [name, dispersion.clone()]))
  const judge = new Judge({ rampSeconds: ramp, ...options }, dispersions)
  let step = 0
  let inStep = 0
  for (let second = 1; ; second++) {
    judge.add(traffic.next(steps[step]!.share))
    inStep++
    const verdict = judge.verdict()
    switch (verdict.kind) {
      case 'roll back':
        return {
          decision: 'roll back',
          seconds: second,
          metric: verdict.metric,
          exposedRequests: judge.exposedRequests,
        }
      case 'promote':
        return promoted(scenario, second, judge.exposedRequests)
      case 'not enough evidence':
        if (verdict.action === 'promote') return promoted(scenario, second, judge.exposedRequests)
        if (verdict.action !== 'extend' || second >= horizonSeconds) {
          // It stays where it is until somebody decides.
          const held = Math.max(0, horizonSeconds - second) * scenario.rps * steps[step]!.share
          return {
            decision: 'not enough evidence',
            seconds: second,
            metric: undefined,
            exposedRequests: judge.exposedRequests + held,
          }
        }
        break
      case 'continue':
        if (inStep >= steps[step]!.seconds && verdict.mayIncrease && step < steps.length - 1) {
          step++
          inStep = 0
        }
    }
  }
}

/** Runs a canary under another rule, which shifts traffic as it likes. */
export function runRule(scenario: Scenario, seed: number, rule: Rule): Outcome {
  const traffic = new CanaryTraffic(scenario, new Random(seed), 600)
  let exposedRequests = 0
  for (let second = 1; second <= horizonSeconds; second++) {
    const tick = traffic.next(rule.share)
    exposedRequests += tick.canary.requests
    const decision = rule.add(tick)
    if (decision === 'promote') return promoted(scenario, second, exposedRequests)
    if (decision === 'roll back') return { decision, seconds: second, metric: undefined, exposedRequests }
  }
  return { decision: 'not enough evidence', seconds: horizonSeconds, metric: undefined, exposedRequests }
}

function promoted({ rps }: Scenario, seconds: number, soFar: number): Outcome {
  const after = Math.max(0, horizonSeconds - seconds) * rps
  return { decision: 'promote', seconds, metric: undefined, exposedRequests: soFar + after }
}
