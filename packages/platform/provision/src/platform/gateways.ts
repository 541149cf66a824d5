import type { KubernetesObject } from '../kubernetes-object.ts'
import { marks, platform, platformLabels } from '../names.ts'
import type { PlacedEnvironment } from '../provisioned.ts'

/** Which of the two gateways: what the public reaches, or what servlets call each other through. */
export type GatewayName = keyof typeof platform.gateways

/** Who makes proxies of our Gateways. */
export function gatewayClass(): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'atlas', labels: platformLabels },
    spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
  }
}

/** Proxies of a gateway: two, so that one may be lost or replaced, and drained before they end. */
export function proxyOf(which: GatewayName, { gateway }: PlacedEnvironment): KubernetesObject {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: which, namespace: platform.namespace, labels: platformLabels },
    spec: {
      // Else the image that Envoy Gateway was told to use is lost.
      mergeType: 'StrategicMerge',
      provider: {
        type: 'Kubernetes',
        kubernetes: {
          envoyDeployment: {
            replicas: 2,
            strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
            container: {
              resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            },
          },
          envoyService: {
            name: platform.proxyService(which),
            type: which === 'public' ? gateway.service : 'ClusterIP',
          },
          envoyPDB: { maxUnavailable: 1 },
        },
      },
      shutdown: { drainTimeout: '30s', minDrainDuration: '5s' },
    },
  }
}

/** A gateway: one listener, and only routes of servlets' namespaces. */
export function gatewayOf(which: GatewayName, { domain, gateway }: PlacedEnvironment): KubernetesObject {
  const { certificate } = gateway
  const secure = which === 'public' && certificate !== undefined
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: platform.gateways[which], namespace: platform.namespace, labels: platformLabels },
    spec: {
      gatewayClassName: 'atlas',
      infrastructure: {
        parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: which },
      },
      listeners: [
        {
          name: secure ? 'https' : 'http',
          protocol: secure ? 'HTTPS' : 'HTTP',
          port: secure ? 443 : 80,
          // The names by which servlets call each other mean nothing to the public.
          ...(which === 'public' && { hostname: domain }),
          ...(secure && {
            tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: certificate }] },
          }),
          allowedRoutes: {
            namespaces: {
              from: 'Selector',
              selector: { matchExpressions: [{ key: marks.servlet, operator: 'Exists' }] },
            },
            kinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
          },
        },
      ],
    },
  }
}
