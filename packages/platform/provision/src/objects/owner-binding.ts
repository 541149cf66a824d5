import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** Binds it to the group `atlas:TEAM`, which the company's identity provider fills. */
export function ownerBindingOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      name: 'owner',
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'owner' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: `atlas:${servlet.owner}` }],
  }
}
