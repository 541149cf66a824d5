import { imageReference } from '../addresses.ts'
import type { KubernetesObject } from '../api.ts'
import { restricted } from '../manifests/pod.ts'
import { meshImage } from './mesh-server.ts'

/** The namespace of what the suite of add-ons makes. */
export const namespace = 'mesh'

/** Two Gateways of a class of their own, as an environment has them: one for the public, one for servlets. */
export const gateways: KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'small', namespace },
    spec: {
      // With it, what is not said here is as the add-on set it up: the image among others.
      mergeType: 'StrategicMerge',
      provider: { type: 'Kubernetes', kubernetes: { envoyDeployment: { replicas: 1 } } },
      shutdown: { drainTimeout: '5s', minDrainDuration: '0s' },
    },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'mesh' },
    spec: {
      controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
      parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'small', namespace },
    },
  },
  ...['public', 'internal'].map((name) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: {
      gatewayClassName: 'mesh',
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    },
  })),
]

/** A Deployment of the suite's server. */
export function deployment(name: string, release: string): KubernetesObject {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels },
        spec: {
          // Longer than what it serves lasts, so that nothing is cut off.
          terminationGracePeriodSeconds: 300,
          securityContext: restricted.pod,
          containers: [
            {
              name: 'server',
              image: imageReference(meshImage.name, meshImage.tag),
              env: [{ name: 'RELEASE', value: release }],
              ports: [{ name: 'h2c', containerPort: 8080 }],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: '20m', memory: '48Mi' } },
              securityContext: restricted.container,
            },
          ],
        },
      },
    },
  }
}

/** A Service of that Deployment, for routes that no canary makes. */
export function service(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: [{ name: 'h2c', port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/h2c' }],
    },
  }
}

/** A route from a Gateway's host to a Service. */
export function route(name: string, gateway: string): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: {
      parentRefs: [{ name: gateway }],
      hostnames: [`${name}.test`],
      rules: [{ backendRefs: [{ name, port: 80 }] }],
    },
  }
}

/** A canary in two steps that nobody judges: this suite is about what happens to traffic while it shifts. */
export function canary(name: string, gateway: string): KubernetesObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      progressDeadlineSeconds: 300,
      service: {
        port: 80,
        targetPort: 8080,
        appProtocol: 'kubernetes.io/h2c',
        hosts: [`${name}.test`],
        // Without one Envoy ends every request after its own 15 s, streams and uploads too.
        timeout: '1h',
        gatewayRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: gateway, namespace }],
      },
      analysis: { interval: '10s', threshold: 3, stepWeights: [30, 60] },
    },
  }
}

/** Audiences of the tokens in a caller's pod: of the service that it calls, and of another. */
export const audiences = { right: 'guarded', wrong: 'another' } as const

/** A pod that has tokens of its account projected into it, and does nothing. */
export const caller: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'caller', namespace } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'caller', namespace },
    spec: {
      serviceAccountName: 'caller',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: restricted.pod,
      containers: [
        {
          name: 'caller',
          image: imageReference(meshImage.name, meshImage.tag),
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          securityContext: restricted.container,
          volumeMounts: [{ name: 'tokens', mountPath: '/tokens', readOnly: true }],
        },
      ],
      volumes: [
        {
          name: 'tokens',
          projected: {
            sources: Object.entries(audiences).map(([path, audience]) => ({
              serviceAccountToken: { path, audience, expirationSeconds: 3_600 },
            })),
          },
        },
      ],
    },
  },
]

/** Lets callers with a token for the audience `right` through to a route, and tells the server which account they are. */
export function guard(name: string, keys: string, issuer: string): KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'keys', namespace }, data: { jwks: keys } },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'SecurityPolicy',
      metadata: { name, namespace },
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }],
        jwt: {
          providers: [
            {
              name: 'cluster',
              issuer,
              audiences: [audiences.right],
              localJWKS: { type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'keys' } },
              claimToHeaders: [{ claim: 'sub', header: 'x-subject' }],
            },
          ],
        },
      },
    },
  ]
}
