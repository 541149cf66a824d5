import type { KubernetesObject } from '../kubernetes-object.ts'
import { platform, platformLabels } from '../names.ts'
import type { PlacedEnvironment } from '../provisioned.ts'
import type { GatewayName } from './gateways.ts'

/**
 * What happens to requests as they come in. Headers of the platform's own are taken from whoever sends them, and the gateway's are put
 * on: servlets believe them. Connections end after minutes, so that clients who keep them find new proxies.
 */
export function clientTrafficOf(which: GatewayName, _environment: PlacedEnvironment): KubernetesObject {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'ClientTrafficPolicy',
    metadata: { name: which, namespace: platform.namespace, labels: platformLabels },
    spec: {
      targetRefs: [gatewayRef(which)],
      headers: {
        earlyRequestHeaders: {
          set: [{ name: 'x-atlas-listener', value: which }],
          ...(which === 'public' && { remove: ['x-atlas-caller', 'x-atlas-subject'] }),
        },
      },
      connection: { connectionLimit: { maxConnectionDuration: '300s' } },
    },
  }
}

/**
 * How requests go on to pods: each to one of the two that have less to do, over HTTP/2. Asked again is only what no handler has seen: the
 * connection failed, or the pod refused the stream because it drains.
 */
export function backendTrafficOf(which: GatewayName, _environment: PlacedEnvironment): KubernetesObject {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: which, namespace: platform.namespace, labels: platformLabels },
    spec: {
      targetRefs: [gatewayRef(which)],
      loadBalancer: { type: 'LeastRequest' },
      timeout: { tcp: { connectTimeout: '1s' } },
      retry: {
        numRetries: 3,
        retryOn: { triggers: ['connect-failure', 'refused-stream', 'reset-before-request'] },
        perRetry: { backOff: { baseInterval: '25ms', maxInterval: '250ms' } },
      },
      // A servlet sheds what it cannot do, and knows better than a fixed number here.
      circuitBreaker: {
        maxConnections: 65_536,
        maxPendingRequests: 65_536,
        maxParallelRequests: 65_536,
        maxParallelRetries: 1024,
      },
    },
  }
}

function gatewayRef(which: GatewayName): object {
  return { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: platform.gateways[which] }
}
