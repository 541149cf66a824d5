import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/**
 * The owner's team looks at everything and changes nothing: what runs is changed by a release. A restart of pods is the exception that is
 * needed at night.
 */
export function ownerRoleOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: {
      name: 'owner',
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    rules: [
      {
        apiGroups: ['', 'apps', 'autoscaling', 'policy', 'networking.k8s.io'],
        resources: [
          'configmaps',
          'deployments',
          'endpoints',
          'events',
          'horizontalpodautoscalers',
          'networkpolicies',
          'poddisruptionbudgets',
          'pods',
          'pods/log',
          'replicasets',
          'resourcequotas',
          'serviceaccounts',
          'services',
        ],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['flagger.app', 'keda.sh', 'gateway.networking.k8s.io', 'monitoring.coreos.com'],
        resources: ['canaries', 'scaledobjects', 'httproutes', 'podmonitors', 'prometheusrules'],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ],
  }
}
