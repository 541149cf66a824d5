import { durationEdges } from '@atlas/runtime/bucket-edges'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { failureShare, slowShare } from '../queries.ts'

/**
 * Alerts by the speed at which the budget of an objective burns, over two windows each (Beyer et al., The Site Reliability Workbook,
 * chapter 5): a page when 2 % of a month's budget is gone in an hour or 5 % in six, a ticket when 10 % is gone in three days. The short
 * window ends an alert soon after what it is about.
 */
const burnRates = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', for: '2m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', for: '15m' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', for: '1h' },
] as const

/** The alerts of the owner's objectives, which go to the owner. */
export function prometheusRuleOf({ servlet, team }: Provisioned): KubernetesObject {
  const { name, owner, manifest } = servlet
  const { availabilityPercent, latencyMs } = manifest.objectives
  const budget = Number((1 - availabilityPercent / 100).toFixed(6))
  // Histograms know how many were faster than their edges only; the next one is the promise that can be counted.
  const edge = durationEdges.find((each) => each >= latencyMs.p99 / 1000) ?? durationEdges.at(-1)!
  const objectives = [
    {
      alert: 'ServletFailing',
      budget,
      share: (window: string) => failureShare(name, window),
      summary: `${name} fails more than the ${availabilityPercent} % that its owner promises allow`,
    },
    {
      alert: 'ServletSlow',
      budget: 0.01,
      share: (window: string) => slowShare(name, edge, window),
      summary: `more than one in a hundred requests to ${name} take longer than ${latencyMs.p99} ms`,
    },
  ]
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name: names.workload(name),
      namespace: names.namespace(name),
      labels: labelsOf(name, owner),
    },
    spec: {
      groups: [
        {
          name: `servlet-${name}`,
          rules: objectives.flatMap(({ alert, budget, share, summary }) =>
            burnRates.map(({ severity, factor, long, short, for: lasting }) => ({
              alert,
              expr: [long, short]
                .map((window) => `${share(window)} > ${Number((factor * budget).toPrecision(6))}`)
                .join(' and '),
              for: lasting,
              labels: { severity, servlet: name, owner, window: long },
              annotations: {
                summary: `${summary}: at this speed the budget of 30 days is gone in ${Number((30 / factor).toPrecision(2))} days`,
                contact: team.contact,
              },
            })),
          ),
        },
      ],
    },
  }
}
