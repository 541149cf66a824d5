import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, platform } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { hostsOf, matchesOf, noTimeout } from '../routing.ts'

/** Its route. Written with all that the API server would fill in: lists are compared as a whole. */
export function httpRouteOf(provisioned: Provisioned): KubernetesObject {
  const { servlet } = provisioned
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      hostnames: hostsOf(provisioned),
      parentRefs: Object.values(platform.gateways).map((name) => ({
        group: 'gateway.networking.k8s.io',
        kind: 'Gateway',
        name,
        namespace: platform.namespace,
      })),
      rules: [
        {
          matches: matchesOf(servlet),
          timeouts: { request: noTimeout },
          backendRefs: [
            { group: '', kind: 'Service', name: names.workload(servlet.name), port: 80, weight: 1 },
          ],
        },
      ],
    },
  }
}
