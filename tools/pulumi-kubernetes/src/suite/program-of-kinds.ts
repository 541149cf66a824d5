import { imageReference } from '@atlas/tools-cluster'
import * as k8s from '@pulumi/kubernetes'

/** The namespace of everything that has one. */
export const namespace = 'kinds'
export const labels = { 'atlas.dev/servlet': 'web' }

/** How the program differs from what it was. */
export interface Variation {
  /** Of the ConfigMap, and so of those who refer to it. */
  readonly data?: string
  /** Of the Secret, and so of those who refer to it. */
  readonly secret?: string
  /** Whether what cannot change in place is different: whom roles are bound to, the Service's address. */
  readonly other?: boolean
  /** Whether a field of every object that can change in place is different. */
  readonly tuned?: boolean
}

/** Every kind that Atlas emits, with values that the server writes otherwise than they are written here. */
export async function everything(variation: Variation = {}): Promise<void> {
  const { data = 'one', secret = 'hush', other = false, tuned = false } = variation
  const mark = { labels: { tuned: `${tuned}` } }
  const space = new k8s.core.v1.Namespace('space', {
    metadata: {
      name: namespace,
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted', ...mark.labels },
    },
  })
  const inside = { namespace: space.metadata.name }
  const settings = new k8s.core.v1.ConfigMap('settings', {
    metadata: { ...inside, ...mark },
    data: { 'a.json': data },
  })
  const secrets = new k8s.core.v1.Secret('secrets', {
    metadata: { ...inside, ...mark },
    stringData: { key: secret },
  })
  const account = new k8s.core.v1.ServiceAccount('account', {
    metadata: inside,
    automountServiceAccountToken: tuned,
  })
  const container = {
    name: 'web',
    image: imageReference('test-server', '1'),
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
      revisionHistoryLimit: tuned ? 2 : 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...pod, containers: [container] } },
    },
  })
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: web.metadata.name }
  new k8s.core.v1.Service('service', {
    metadata: { ...inside, name: 'web' },
    spec: {
      selector: labels,
      ...(other ? { clusterIP: 'None' } : {}),
      ports: [{ port: tuned ? 81 : 80, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' }],
    },
  })
  new k8s.autoscaling.v2.HorizontalPodAutoscaler('scaler', {
    metadata: inside,
    spec: {
      scaleTargetRef: target,
      minReplicas: 1,
      maxReplicas: tuned ? 4 : 3,
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
    spec: { maxUnavailable: tuned ? '50%' : 1, selector: { matchLabels: labels } },
  })
  new k8s.networking.v1.NetworkPolicy('policy', {
    metadata: inside,
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: tuned ? 81 : 8080 }] }] },
  })
  new k8s.apiextensions.CustomResource('route', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { ...inside, name: 'web' },
    spec: {
      // Nobody serves it: what is asked here is what the API server makes of it.
      parentRefs: [{ name: 'nobody' }],
      hostnames: [tuned ? 'tuned.test' : 'web.test'],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }], timeouts: { request: '20s' } }],
    },
  })
  rbac(inside, account, { other, tuned })
  new k8s.core.v1.ResourceQuota('quota', {
    metadata: inside,
    spec: { hard: { 'requests.cpu': '4000m', pods: (tuned ? 21 : 20) as never } },
  })
  new k8s.batch.v1.Job('job', {
    metadata: inside,
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: tuned ? 4_000 : 3_600,
      template: {
        spec: {
          ...pod,
          restartPolicy: 'Never',
          containers: [{ ...container, command: ['node', '-e', '0'], readinessProbe: undefined as never }],
        },
      },
    },
  })
  customKind(inside, tuned)
}

type Inside = { namespace: k8s.core.v1.Namespace['metadata']['name'] }

function rbac(
  inside: Inside,
  account: k8s.core.v1.ServiceAccount,
  { other, tuned }: { other: boolean; tuned: boolean },
): void {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: tuned ? ['get', 'list'] : ['get'] }]
  const role = new k8s.rbac.v1.Role('role', { metadata: inside, rules })
  const wideRole = new k8s.rbac.v1.ClusterRole('wide-role', { rules })
  const apiGroup = 'rbac.authorization.k8s.io'
  const reader = { apiGroup, kind: 'ClusterRole', name: 'view' }
  const subjects = [
    { kind: 'ServiceAccount', name: account.metadata.name, namespace: account.metadata.namespace },
    ...(tuned ? [{ kind: 'User', name: 'tuned', apiGroup }] : []),
  ]
  new k8s.rbac.v1.RoleBinding('binding', {
    metadata: inside,
    roleRef: other ? reader : { apiGroup, kind: 'Role', name: role.metadata.name },
    subjects,
  })
  new k8s.rbac.v1.ClusterRoleBinding('wide-binding', {
    roleRef: other ? reader : { apiGroup, kind: 'ClusterRole', name: wideRole.metadata.name },
    subjects,
  })
}

function customKind(inside: Inside, tuned: boolean): void {
  new k8s.apiextensions.v1.CustomResourceDefinition('definition', {
    metadata: { name: 'judges.test.atlas.dev' },
    spec: {
      group: 'test.atlas.dev',
      scope: 'Namespaced',
      names: { plural: 'judges', singular: 'judge', kind: 'Judge', shortNames: [tuned ? 'jj' : 'jg'] },
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
    spec: { patience: 0.5, steps: tuned ? [20] : [10, 30] },
  })
}
