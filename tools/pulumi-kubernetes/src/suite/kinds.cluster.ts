import { readFile } from 'node:fs/promises'
import { ApiError, apply, imageReference, push, until } from '@atlas/tools-cluster'
import * as k8s from '@pulumi/kubernetes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from './images.ts'
import { openSuite, type Suite, type TestStack } from './stack.ts'

let suite: Suite
let stack: TestStack
const namespace = 'kinds'

beforeAll(async () => {
  suite = await openSuite()
  await push(suite.running, [testServer])
  stack = await suite.stack('kinds')
})

afterAll(async () => {
  await suite?.close()
})

const labels = { 'atlas.dev/servlet': 'web' }

/** Every kind that Atlas emits, with values that the server writes otherwise than they are written here. */
async function everything({ data = 'one', image = imageReference('test-server', '1') } = {}): Promise<void> {
  const space = new k8s.core.v1.Namespace('space', {
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  })
  const inside = { namespace: space.metadata.name }
  const settings = new k8s.core.v1.ConfigMap('settings', { metadata: inside, data: { 'a.json': data } })
  const secrets = new k8s.core.v1.Secret('secrets', { metadata: inside, stringData: { key: 'hush' } })
  const account = new k8s.core.v1.ServiceAccount('account', {
    metadata: inside,
    automountServiceAccountToken: false,
  })
  const container = {
    name: 'web',
    image,
    env: [{ name: 'ONE', value: '1' }],
    envFrom: [
      { configMapRef: { name: settings.metadata.name } },
      { secretRef: { name: secrets.metadata.name } },
    ],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
    resources: { requests: { cpu: '0.01', memory: '0.03125Gi' }, limits: { memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, privileged: false },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
  const pod = {
    serviceAccountName: account.metadata.name,
    hostNetwork: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1024Mi' } }],
  }
  const web = new k8s.apps.v1.Deployment('web', {
    metadata: { ...inside, name: 'web' },
    spec: {
      minReadySeconds: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...pod, containers: [container] } },
    },
  })
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: web.metadata.name }
  new k8s.core.v1.Service('service', {
    metadata: { ...inside, name: 'web' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' }] },
  })
  new k8s.autoscaling.v2.HorizontalPodAutoscaler('scaler', {
    metadata: inside,
    spec: {
      scaleTargetRef: target,
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
        },
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '0.5Gi' } },
        },
      ],
    },
  })
  new k8s.policy.v1.PodDisruptionBudget('budget', {
    metadata: inside,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  })
  new k8s.networking.v1.NetworkPolicy('policy', {
    metadata: inside,
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8080 }] }] },
  })
  const role = new k8s.rbac.v1.Role('role', {
    metadata: inside,
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
  })
  new k8s.rbac.v1.RoleBinding('binding', {
    metadata: inside,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    subjects: [
      { kind: 'ServiceAccount', name: account.metadata.name, namespace: account.metadata.namespace },
    ],
  })
  new k8s.core.v1.ResourceQuota('quota', {
    metadata: inside,
    spec: { hard: { 'requests.cpu': '4000m', pods: 20 as never } },
  })
  new k8s.batch.v1.Job('job', {
    metadata: inside,
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          ...pod,
          restartPolicy: 'Never',
          containers: [{ ...container, command: ['node', '-e', '0'], readinessProbe: undefined as never }],
        },
      },
    },
  })
  const definition = new k8s.apiextensions.v1.CustomResourceDefinition('definition', {
    metadata: { name: 'judges.test.atlas.dev' },
    spec: {
      group: 'test.atlas.dev',
      scope: 'Namespaced',
      names: { plural: 'judges', singular: 'judge', kind: 'Judge' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', x_kubernetes_preserve_unknown_fields: true } },
            },
          },
        },
      ],
    },
  })
  // No dependsOn: whoever is first waits for its kind.
  new k8s.apiextensions.CustomResource('judge', {
    apiVersion: 'test.atlas.dev/v1',
    kind: 'Judge',
    metadata: { ...inside, name: 'judge' },
    spec: { patience: 0.5, steps: [10, 30] },
  })
  void definition
}

const kindsMade = 16

test('makes every kind, and waits until it works', async () => {
  expect(await stack.preview(() => everything())).toEqual({ create: kindsMade })
  expect(await stack.up(() => everything())).toEqual({ create: kindsMade })
  const web = await suite.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`)
  expect(web.status.availableReplicas).toBe(1)
  const { items } = await suite.api.get(`/apis/batch/v1/namespaces/${namespace}/jobs`)
  expect(items[0].status.succeeded).toBe(1)
})

test('has nothing to do a second time, and finds no drift', async () => {
  expect(await stack.preview(() => everything())).toEqual({})
  expect(await stack.up(() => everything())).toEqual({})
  expect(await stack.refresh()).toEqual({})
  expect(await stack.up(() => everything())).toEqual({})
})

test('keeps secrets secret', async () => {
  // As it is on disk: an export by the Automation API decrypts.
  const text = await readFile(
    new URL(`${suite.env.PULUMI_BACKEND_URL}/.pulumi/stacks/suite/kinds.json`),
    'utf8',
  )
  expect(text).toContain('settings-')
  expect(text).not.toContain('hush')
  expect(text).not.toContain(Buffer.from('hush').toString('base64'))
})

test('sees what another hand did to each, and repairs it', async () => {
  const path = (group: string, plural: string, name: string) =>
    `/${group}/namespaces/${namespace}/${plural}/${name}`
  const named = async (group: string, plural: string) =>
    (await suite.api.get(`/${group}/namespaces/${namespace}/${plural}`)).items[0].metadata.name as string
  const drifts: [path: string, patch: object][] = [
    [
      path('apis/apps/v1', 'deployments', 'web'),
      { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } },
    ],
    [path('api/v1', 'services', 'web'), { spec: { selector: { 'atlas.dev/servlet': 'other' } } }],
    [
      path('apis/policy/v1', 'poddisruptionbudgets', await named('apis/policy/v1', 'poddisruptionbudgets')),
      { spec: { maxUnavailable: 2 } },
    ],
    [
      path(
        'apis/networking.k8s.io/v1',
        'networkpolicies',
        await named('apis/networking.k8s.io/v1', 'networkpolicies'),
      ),
      { spec: { ingress: [{ ports: [{ port: 9 }] }] } },
    ],
    [
      path(
        'apis/autoscaling/v2',
        'horizontalpodautoscalers',
        await named('apis/autoscaling/v2', 'horizontalpodautoscalers'),
      ),
      { spec: { maxReplicas: 9 } },
    ],
    [
      path(
        'apis/rbac.authorization.k8s.io/v1',
        'roles',
        await named('apis/rbac.authorization.k8s.io/v1', 'roles'),
      ),
      { rules: [] },
    ],
    [
      path('api/v1', 'resourcequotas', await named('api/v1', 'resourcequotas')),
      { spec: { hard: { pods: '99' } } },
    ],
    [path('apis/test.atlas.dev/v1', 'judges', 'judge'), { spec: { steps: [99] } }],
  ]
  for (const [at, patch] of drifts) {
    await suite.api.ask('PATCH', `${at}?fieldManager=kubectl-edit`, patch, 'application/merge-patch+json')
  }
  expect(await stack.refresh()).toEqual({ update: drifts.length })
  expect(await stack.up(() => everything())).toEqual({ update: drifts.length })
  expect(await stack.refresh()).toEqual({})
  expect((await suite.api.get(path('api/v1', 'services', 'web'))).spec.selector).toEqual(labels)
  expect((await suite.api.get(path('apis/test.atlas.dev/v1', 'judges', 'judge'))).spec.steps).toEqual([
    10, 30,
  ])
})

test('replaces what cannot change, under a new name, and what refers to it follows', async () => {
  // A new ConfigMap, a Deployment that refers to it, a Job whose template cannot change, and the old ConfigMap goes.
  const changed = await stack.up(() => everything({ data: 'two' }))
  expect(changed).toEqual({ replace: 2, update: 1 })
  const { items } = await suite.api.get(`/api/v1/namespaces/${namespace}/configmaps`)
  const ours = items.filter(({ metadata }: any) => metadata.name.startsWith('settings-'))
  expect(ours.map(({ data }: any) => data)).toEqual([{ 'a.json': 'two' }])
})

test('says why pods crash, long before its timeout, and is mended by the next run', async () => {
  const broken = () => everything({ data: 'two', image: imageReference('no-such-image', '1') })
  const failure = await stack.stack.up({ program: broken }).then(
    () => 'no failure',
    (error: Error) => error.message,
  )
  expect(failure).toMatch(/Deployment \(web\)[\s\S]*pod web-.*, container web: ImagePullBackOff/)
  // Not the message of the timeout, which is ten minutes.
  expect(failure).not.toMatch(/after 600 s/)
  const mended = await stack.up(() => everything({ data: 'two' }))
  expect(mended.update).toBeGreaterThanOrEqual(1)
  expect(await stack.up(() => everything({ data: 'two' }))).toEqual({})
})

test('leaves nothing', async () => {
  await stack.destroy()
  await until(
    'the namespace to be gone',
    async () => ((await suite.api.find(`/api/v1/namespaces/${namespace}`)) === undefined ? true : undefined),
    { timeoutMs: 120_000 },
  )
  expect(
    await suite.api.find('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/judges.test.atlas.dev'),
  ).toBeUndefined()
})

test('takes over nothing that exists, and says what to do', async () => {
  await apply(suite.running, [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'default' } },
  ])
  const other = await suite.stack('exists')
  const program = async () =>
    void new k8s.core.v1.ConfigMap('mine', { metadata: { name: 'mine' }, data: { a: 'b' } })
  await expect(other.up(program)).rejects.toThrow(
    /ConfigMap default\/mine exists already[\s\S]*pulumi import/,
  )
  await other.destroy()
  expect((await suite.api.get('/api/v1/namespaces/default/configmaps/mine')).data).toBeUndefined()
  await suite.api.ask('DELETE', '/api/v1/namespaces/default/configmaps/mine')
  await expect(suite.api.get('/api/v1/namespaces/default/configmaps/mine')).rejects.toThrow(ApiError)
})
