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
