import { cpuMillis, memoryMiB } from '@atlas/manifest'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, marks, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { matchesOf } from '../routing.ts'

/** The namespace of a servlet: the boundary of quota, network, access and blast radius. */
export function namespaceOf({ servlet, team, environment }: Provisioned): KubernetesObject {
  const restricted = Object.fromEntries(
    ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  )
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: names.namespace(servlet.name),
      labels: { ...labelsOf(servlet.name, servlet.owner), ...restricted },
      annotations: {
        [marks.contact]: team.contact,
        // What its routes may claim; admission holds them to it.
        [marks.host]: environment.domain,
        [marks.prefixes]: matchesOf(servlet)
          .map(({ path }) => path.value)
          .join(','),
      },
    },
  }
}

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

/** Share of replicas that may be added while they are replaced. */
export const surge = 0.25

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
