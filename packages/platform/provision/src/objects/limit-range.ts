import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** What a container gets that says nothing: a debug container must not be unbounded either. */
export function limitRangeOf({ servlet }: Provisioned): KubernetesObject {
  const { cpu, memory } = servlet.manifest.limits
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: { limits: [{ type: 'Container', default: { memory }, defaultRequest: { cpu, memory } }] },
  }
}
