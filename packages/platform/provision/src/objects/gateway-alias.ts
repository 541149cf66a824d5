import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, platform } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/**
 * How others reach the servlet: `http://gateway.servlet-NAME` is the internal gateway, and the host says to whom a call goes. An alias in
 * the namespace of each servlet needs nothing of the cluster's DNS but what every cluster has.
 */
export function gatewayAliasOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: names.gateway,
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      type: 'ExternalName',
      externalName: `${platform.proxyService(platform.gateways.internal)}.${platform.proxies}.svc.cluster.local`,
    },
  }
}
