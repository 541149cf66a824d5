import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** Who the pods are. They talk to no Kubernetes API, so no token of it is mounted. */
export function serviceAccountOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    automountServiceAccountToken: false,
  }
}
