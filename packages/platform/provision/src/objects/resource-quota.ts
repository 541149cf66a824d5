import { cpuMillis, memoryMiB } from '@atlas/manifest'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { surge } from './deployment.ts'

/**
 * Enough for what can run at once, and no more: the greatest number of replicas of the primary and of its canary, each with a
 * quarter more while it is replaced.
 */
export function quotaOf({ servlet }: Provisioned): KubernetesObject {
  const { cpu, memory, replicas } = servlet.manifest.limits
  const pods = 2 * (replicas.max + Math.max(1, Math.ceil(replicas.max * surge)))
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      hard: {
        // One more for a migration.
        pods: String(pods + 1),
        'requests.cpu': `${cpuMillis(cpu) * (pods + 1)}m`,
        'requests.memory': `${memoryMiB(memory) * (pods + 1)}Mi`,
        'limits.memory': `${memoryMiB(memory) * (pods + 1)}Mi`,
      },
    },
  }
}
