import { describe, expect, it } from 'vitest'
import { provisionedOf } from './fixtures.ts'
import { objectsOf } from './objects-of.ts'

// The bridge of the test cluster lets everything through, so policies are evaluated here, by the rules of the Kubernetes API.

interface Pod {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

interface Selector {
  readonly matchLabels?: Record<string, string>
  readonly matchExpressions?: { key: string; operator: 'In'; values: string[] }[]
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Pod['labels']): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  )
}

/** Whether a peer of a rule means a pod; a peer without a selector of namespaces means those of the policy's own. */
function means(peer: any, pod: Pod, own: string): boolean {
  if (peer.ipBlock) throw new Error('no policy of ours has addresses')
  const inNamespace = peer.namespaceSelector
    ? selects(peer.namespaceSelector, { 'kubernetes.io/metadata.name': pod.namespace })
    : pod.namespace === own
  return inNamespace && selects(peer.podSelector ?? {}, pod.labels)
}

/** One direction of a connection: allowed when no policy selects the pod, or a rule of one that does lets it through. */
function lets(policies: any[], direction: 'Ingress' | 'Egress', pod: Pod, other: Pod, port: string): boolean {
  const [protocol, number] = port.split('/')
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      selects(spec.podSelector, pod.labels) &&
      spec.policyTypes.includes(direction),
  )
  if (selecting.length === 0) return true
  return selecting.some(({ metadata, spec }) =>
    (spec[direction.toLowerCase()] ?? []).some((rule: any) => {
      const peers = rule[direction === 'Ingress' ? 'from' : 'to']
      const peerMatches = !peers || peers.some((peer: any) => means(peer, other, metadata.namespace))
      const portMatches =
        !rule.ports || rule.ports.some((p: any) => p.protocol === protocol && p.port === Number(number))
      return peerMatches && portMatches
    }),
  )
}

const policies = [
  provisionedOf('greeter', { owner: 'web' }),
  provisionedOf('files', { owner: 'storage', stores: { tree: { postgres: {} }, content: { blobs: {} } } }),
]
  .flatMap(objectsOf)
  .filter(({ kind }) => kind === 'NetworkPolicy')

const reaches = (from: Pod, to: Pod, port: string) =>
  lets(policies, 'Egress', from, to, port) && lets(policies, 'Ingress', to, from, port)

const pod = (namespace: string, labels: Pod['labels'] = {}): Pod => ({ namespace, labels })
const proxy = (gateway: string, namespace = 'atlas-system') =>
  pod('envoy-gateway-system', {
    'gateway.envoyproxy.io/owning-gateway-name': gateway,
    'gateway.envoyproxy.io/owning-gateway-namespace': namespace,
  })
const greeter = pod('servlet-greeter', { app: 'greeter-primary', 'atlas.dev/servlet': 'greeter' })
const files = pod('servlet-files', { app: 'files', 'atlas.dev/servlet': 'files' })
const debug = pod('servlet-greeter', { app: 'debug' })
const database = pod('atlas-system', { 'app.kubernetes.io/name': 'postgres' })

describe('the network of servlets', () => {
  it.each([
    ['the public gateway', proxy('public'), greeter, 'TCP/8080'],
    ['the internal gateway', proxy('internal'), greeter, 'TCP/8080'],
    ['what scrapes metrics', pod('monitoring'), greeter, 'TCP/8080'],
    ['calls to others', greeter, proxy('internal'), 'TCP/10080'],
    ['names', greeter, pod('kube-system', { 'k8s-app': 'kube-dns' }), 'UDP/53'],
    ['telemetry', greeter, pod('atlas-system', { 'app.kubernetes.io/name': 'otel-collector' }), 'TCP/4317'],
    ['the database of a servlet that has one', files, database, 'TCP/5432'],
    ['a database outside of the cluster', files, pod('internet'), 'TCP/5432'],
    ['the buckets of a servlet that has some', files, pod('internet'), 'TCP/443'],
  ])('lets %s through', (_, from, to, port) => {
    expect(reaches(from, to, port)).toBe(true)
  })

  it.each([
    ['another servlet', files, greeter, 'TCP/8080'],
    ['a pod of its own namespace', debug, greeter, 'TCP/8080'],
    ['a gateway of somebody else', proxy('public', 'team-x'), greeter, 'TCP/8080'],
    ['a gateway at another port', proxy('public'), greeter, 'TCP/9229'],
    ['a way out through the public gateway', greeter, proxy('public'), 'TCP/443'],
    ['the API server', greeter, pod('kube-system', { component: 'kube-apiserver' }), 'TCP/6443'],
    ['names at another port', greeter, pod('kube-system', { 'k8s-app': 'kube-dns' }), 'TCP/9153'],
    ['the database of others', greeter, database, 'TCP/5432'],
    ['the world', greeter, pod('internet'), 'TCP/443'],
    ['the world at other ports than those of stores', files, pod('internet'), 'TCP/80'],
    [
      'the API server, from one with stores too',
      files,
      pod('kube-system', { component: 'kube-apiserver' }),
      'TCP/6443',
    ],
    ['anything for a pod that is no servlet', debug, pod('kube-system', { 'k8s-app': 'kube-dns' }), 'UDP/53'],
  ])('keeps %s out', (_, from, to, port) => {
    expect(reaches(from, to, port)).toBe(false)
  })
})
