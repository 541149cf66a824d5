import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageReference } from '../addresses.ts'
import { type Api, type KubernetesObject, until } from '../api.ts'
import type { Running } from '../cluster.ts'
import { restricted } from '../manifests/pod.ts'
import { deploymentReady, patience } from '../ready.ts'
import { remove } from '../remove.ts'
import { sharedCluster } from '../shared.ts'
import { apply, push } from '../up.ts'
import { meshImage } from './mesh-server.ts'
import { ask } from './tunnel.ts'

const namespace = 'scaling'

let running: Running
let api: Api
let close = () => {}

beforeAll(async () => {
  ;({ running, api, close } = await sharedCluster({ addons: ['gateway', 'flagger', 'prometheus', 'keda'] }))
  await remove(api, `/api/v1/namespaces/${namespace}`)
  await push(running, [meshImage])
})

afterAll(async () => {
  if (api) await remove(api, `/api/v1/namespaces/${namespace}`, { waits: false })
  close()
})

/** Says a number as a metric: the one that it was told last. */
const source = `
let value = 1
require('node:http').createServer((request, response) => {
  const [, told] = /^\\/set\\/(\\d+)$/.exec(request.url) ?? []
  if (told !== undefined) value = Number(told)
  response.setHeader('content-type', 'text/plain; version=0.0.4')
  response.end('# TYPE wanted_pods gauge\\nwanted_pods ' + value + '\\n')
}).listen(8080)
process.on('SIGTERM', () => process.exit(0))
`

function deployment(name: string, command: readonly string[]): KubernetesObject {
  const labels = { app: name }
  const container = {
    name,
    image: imageReference(meshImage.name, meshImage.tag),
    command,
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
    securityContext: restricted.container,
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, securityContext: restricted.pod, containers: [container] },
      },
    },
  }
}

const objects: KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  deployment('source', ['node', '-e', source]),
  deployment('scaled', [
    'node',
    '-e',
    "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6)",
  ]),
  {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'source', namespace },
    spec: {
      selector: { matchLabels: { app: 'source' } },
      podMetricsEndpoints: [{ port: 'http', interval: '2s' }],
    },
  },
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'scaled', namespace },
    spec: {
      scaleTargetRef: { name: 'scaled' },
      minReplicaCount: 1,
      maxReplicaCount: 3,
      pollingInterval: 2,
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
        },
      },
      triggers: [
        {
          type: 'prometheus',
          metadata: {
            serverAddress: 'http://prometheus.monitoring:9090',
            query: `max(wanted_pods{namespace="${namespace}"})`,
            threshold: '1',
          },
        },
      ],
    },
  },
]

test('scales on a metric of Prometheus, and back', async () => {
  await apply(running, objects)
  await deploymentReady(api, namespace, 'source')
  const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=app=source`)
  const address = `${items[0].status.podIP}:8080`
  // Its container runs, and is Ready, before its server listens.
  const tell = (value: number) =>
    until(
      'the source to be told',
      async () => {
        const answer = await ask(running, address, 'source', `/set/${value}`)
        return answer.status === 200 ? answer : undefined
      },
      { timeoutMs: patience.deployment },
    )
  const podsAre = (wanted: number) =>
    until(
      `${wanted} pods`,
      async () => {
        const { status } = await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/scaled`)
        if (status.readyReplicas === wanted && status.replicas === wanted) return true
        throw new Error(`there are ${status.replicas}, ${status.readyReplicas} of them ready`)
      },
      {
        timeoutMs: patience.deployment,
        why: async () => {
          const scaled = await api.get(`/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects/scaled`)
          return JSON.stringify(scaled.status?.conditions)
        },
      },
    )
  await podsAre(1)
  expect((await tell(3)).text).toContain('wanted_pods 3')
  await podsAre(3)
  await tell(1)
  await podsAre(1)
})
