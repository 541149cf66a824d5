import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, platform, podsOf, ports } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** Nothing comes in and nothing goes out of the namespace, but what another policy lets through. */
export function defaultDenyOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: 'default-deny',
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  }
}

/** Everything in a namespace, by the label that Kubernetes itself puts on it. */
function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }
}

/** Ports by which stores are reached. */
const storePorts = { postgres: 5432, blobs: 443 } as const

/**
 * In come the proxies of the platform's gateways and what scrapes metrics; out go calls to the internal gateway, which is how servlets
 * call each other, names, telemetry and, where a servlet has stores, the ports of those.
 */
export function networkPolicyOf({ servlet, environment }: Provisioned): KubernetesObject {
  const inPlatform = inNamespace(platform.namespace)
  const gateways = (...names: readonly string[]) => ({
    ...inNamespace(platform.proxies),
    podSelector: {
      matchExpressions: [
        {
          key: 'gateway.envoyproxy.io/owning-gateway-namespace',
          operator: 'In',
          values: [platform.namespace],
        },
        { key: 'gateway.envoyproxy.io/owning-gateway-name', operator: 'In', values: [...names] },
      ],
    },
  })
  const { gateways: named } = platform
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  }
  // Where stores are stands in a Secret, so their ports are all that is known: many databases are not in the cluster at all.
  const kinds = new Set(Object.values(servlet.manifest.stores).flatMap((store) => Object.keys(store)))
  const stores = Object.entries(storePorts)
    .filter(([kind]) => kinds.has(kind))
    .map(([, port]) => ({ ports: [{ protocol: 'TCP', port }] }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      podSelector: podsOf(servlet.name),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [gateways(named.public, named.internal), inNamespace(environment.prometheus.namespace)],
          ports: [{ protocol: 'TCP', port: ports.http }],
        },
      ],
      egress: [
        { to: [gateways(named.internal)] },
        {
          to: [
            { ...inPlatform, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'otel-collector' } } },
          ],
          ports: [
            { protocol: 'TCP', port: 4317 },
            { protocol: 'TCP', port: 4318 },
          ],
        },
        dns,
        ...stores,
      ],
    },
  }
}
