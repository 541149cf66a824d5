import type { Environment } from '@atlas/manifest'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { platform, platformLabels } from '../names.ts'
import type { PlacedEnvironment } from '../provisioned.ts'
import { namespaceGuard } from './admission/namespaces.ts'
import { podGuard } from './admission/pods.ts'
import { routeGuard } from './admission/routes.ts'
import { gatewayClass, gatewayOf, proxyOf } from './gateways.ts'
import { backendTrafficOf, clientTrafficOf } from './traffic.ts'

/** A part of a platform that a cluster may bring itself. */
export type PlatformPart = Environment['brings'][number]

/** What the servlets of an environment share, what others need first. */
export function platformObjectsOf(
  environment: PlacedEnvironment,
  without: readonly PlatformPart[] = [],
): KubernetesObject[] {
  const parts: Readonly<Record<PlatformPart, readonly KubernetesObject[]>> = {
    admission: [...namespaceGuard(), ...podGuard(), ...routeGuard()],
    gateways: [
      gatewayClass(),
      ...(['public', 'internal'] as const).flatMap((which) =>
        [proxyOf, gatewayOf, clientTrafficOf, backendTrafficOf].map((make) => make(which, environment)),
      ),
    ],
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: platform.namespace, labels: platformLabels },
    },
    ...(['admission', 'gateways'] as const).flatMap((part) => (without.includes(part) ? [] : parts[part])),
  ]
}
