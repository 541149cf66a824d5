import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, podsOf, ports } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** The Service of a servlet whose releases are not judged; else Flagger makes Services. */
export function serviceOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      type: 'ClusterIP',
      selector: podsOf(servlet.name).matchLabels,
      trafficDistribution: 'PreferClose',
      ports: [
        { name: 'http', port: 80, targetPort: ports.http, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
      ],
    },
  }
}
