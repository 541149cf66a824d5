import { cpuMillis } from '@atlas/manifest'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { saturation } from '../queries.ts'

/**
 * How busy a pod may be, as a share of what it can: of the time of its event loop, above which the wait for a turn grows faster than the
 * work, and of the requests that it lets run at once.
 */
const busyShare = 0.6

/** Share of the CPU that a pod asks for, above which there should be more pods. */
const cpuShare = 0.8

/**
 * Thousandths of a core that never mean load. A pod that began to answer compiles its code, answers probes and is scraped; of a small request
 * that is a multiple, and each deployment would scale the servlet to its maximum.
 */
const leastCpuMillis = 200

/** Name of the trigger, by which Flagger gives the primary a query of its own. */
export const saturationTrigger = 'saturation'

/**
 * The one scaler: by how saturated pods are, and by CPU, for what is busy beside the event loop. When Prometheus is away or says nothing, the
 * autoscaler removes no pod, and still adds some when CPU says so. A `fallback` would do harm: a servlet that starts has no metrics for a moment,
 * and would be scaled by it.
 */
export function scaledObjectOf({ servlet, environment }: Provisioned): KubernetesObject {
  const { cpu, replicas } = servlet.manifest.limits
  const { min, max } = replicas
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: names.workload(servlet.name) },
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: 10,
      cooldownPeriod: 300,
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleUp: {
              stabilizationWindowSeconds: 0,
              selectPolicy: 'Max',
              policies: [
                { type: 'Percent', value: 100, periodSeconds: 15 },
                { type: 'Pods', value: 4, periodSeconds: 15 },
              ],
            },
            scaleDown: {
              stabilizationWindowSeconds: 300,
              policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
            },
          },
        },
      },
      triggers: [
        {
          type: 'cpu',
          metricType: 'AverageValue',
          metadata: { value: `${Math.max(leastCpuMillis, Math.round(cpuMillis(cpu) * cpuShare))}m` },
        },
        {
          type: 'prometheus',
          name: saturationTrigger,
          metricType: 'AverageValue',
          metadata: {
            serverAddress: environment.prometheus.address,
            query: saturation(servlet.name, 'canary'),
            threshold: String(busyShare),
            // No answer is not "no load".
            ignoreNullValues: 'false',
          },
        },
      ],
    },
  }
}
