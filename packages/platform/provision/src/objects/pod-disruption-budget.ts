import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, podsOf } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** One pod at a time may be taken away, whoever drains nodes; pods that are ill anyway do not count. */
export function podDisruptionBudgetOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      maxUnavailable: 1,
      selector: podsOf(servlet.name),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }
}
