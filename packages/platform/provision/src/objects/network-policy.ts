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

/**
 * In come the gateways and what scrapes metrics, both of the platform's namespace; out go calls to the gateways, which are how servlets
 * call each other, names, telemetry and, where a servlet has one, its database.
 */
export function networkPolicyOf({ servlet }: Provisioned): KubernetesObject {
  const inPlatform = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': platform.namespace } },
  }
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
  const hasPostgres = Object.values(servlet.manifest.stores).some((store) => 'postgres' in store)
  const postgres = {
    to: [
      {
        ...inPlatform,
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'postgres' } },
      },
    ],
    ports: [{ protocol: 'TCP', port: 5432 }],
  }
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
          from: [
            { ...inPlatform, podSelector: { matchLabels: { 'app.kubernetes.io/component': 'proxy' } } },
            { ...inPlatform, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } },
          ],
          ports: [{ protocol: 'TCP', port: ports.http }],
        },
      ],
      egress: [
        {
          to: [
            { ...inPlatform, podSelector: { matchLabels: { 'app.kubernetes.io/component': 'proxy' } } },
            { ...inPlatform, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'otel-collector' } } },
          ],
        },
        dns,
        ...(hasPostgres ? [postgres] : []),
      ],
    },
  }
}
