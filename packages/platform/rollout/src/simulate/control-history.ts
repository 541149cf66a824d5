import { Dispersion } from '../sequential/dispersion.ts'
import { CanaryTraffic } from './canary-traffic.ts'
import { Random } from './random.ts'
import type { Scenario } from './scenario.ts'

/** What a judge learned of a control in the hours before a canary: the same world, without a release. */
export function controlHistory(
  scenario: Scenario,
  seed: number,
  latencyEdges: readonly number[],
  hours = 6,
): Map<string, Dispersion> {
  const failures = new Dispersion()
  const slower = latencyEdges.map(() => new Dispersion())
  const traffic = new CanaryTraffic({ ...scenario, effect: {}, outage: 0 }, new Random(seed), 600)
  for (let second = 0; second < hours * 3600; second++) {
    const [first, other] = traffic.next(0).halves!
    const share = first.requests / (first.requests + other.requests)
    failures.add(first.failures, other.failures, share)
    for (let edge = 0; edge < slower.length; edge++)
      slower[edge]!.add(first.slower[edge]!, other.slower[edge]!, share)
  }
  return new Map([
    ['failures', failures],
    ...slower.map((dispersion, edge) => [`slower than ${latencyEdges[edge]} s`, dispersion] as const),
  ])
}
