import { join } from 'node:path'
import { imageReference } from '../addresses.ts'
import { type Api, type KubernetesObject, until } from '../api.ts'
import { type ImageRecipe, toolImage } from '../images.ts'
import { restricted } from '../manifests/pod.ts'
import { conditionIs, deploymentReady, patience, whyNotReady } from '../ready.ts'
import type { Addon } from './addon.ts'
import { applyInOrder, inNamespace, readObjects, smallResources, withContainers } from './manifests.ts'

const namespace = 'monitoring'

/** Where Prometheus answers inside the cluster. */
export const prometheusUrl = `http://prometheus.${namespace}:9090`

/** The kinds of Prometheus Operator that are of use here; it does without the others. */
const kinds = ['podmonitors', 'servicemonitors', 'probes', 'scrapeconfigs', 'prometheusrules', 'prometheuses']

/** Prometheus, and its operator, which tells it what PodMonitors, ServiceMonitors and PrometheusRules say. */
export const prometheus: Addon = {
  name: 'prometheus',
  what: 'Prometheus, with PodMonitors and PrometheusRules of every namespace',
  tools: ['prometheus', 'prometheus-operator'],
  needs: [],
  namespace,
  deployment: 'prometheus-operator',
  async install(context) {
    const { tools, api, push, kubectl } = context
    const own = tools.get('prometheus-operator')!
    if (own.folder === undefined) {
      throw new Error('the operator of Prometheus comes with its manifests only from the toolchain')
    }
    const images = {
      operator: toolImage(own),
      // The operator calls it by this path.
      reloader: at('/bin/prometheus-config-reloader', toolImage(own, 'prometheus-config-reloader')),
      prometheus: toolImage(tools.get('prometheus')!, 'prometheus'),
    }
    await push(Object.values(images))
    const reference = ({ name, tag }: ImageRecipe) => imageReference(name, tag)
    const bundle = (await readObjects(kubectl, join(own.folder, 'share/bundle.yaml'))).filter(
      ({ kind, metadata }) =>
        kind !== 'CustomResourceDefinition' || kinds.includes(metadata.name.split('.')[0]!),
    )
    await applyInOrder(context, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...withContainers(bundle, (container) => ({
        ...container,
        image: reference(images.operator),
        args: [
          ...container.args.filter((arg: string) => !arg.startsWith('--prometheus-config-reloader=')),
          `--prometheus-config-reloader=${reference(images.reloader)}`,
          '--config-reloader-cpu-request=10m',
          '--config-reloader-memory-request=32Mi',
        ],
        resources: smallResources,
      })).map((object) => inNamespace(object, namespace)),
    ])
    await context.apply(server(reference(images.prometheus), '3.16.0'))
    await deploymentReady(api, namespace, 'prometheus-operator')
    await serverReady(api)
  },
}

function at(path: string, image: ImageRecipe): ImageRecipe {
  const [file] = Object.values(image.contents.files)
  return {
    ...image,
    contents: { files: { [path]: file! }, withLibrariesOf: [path], entrypoint: [path] },
  }
}

/** The server itself. What it says about a target comes every five seconds, so that tests see it soon. */
function server(image: string, version: string): KubernetesObject[] {
  const metadata = { name: 'prometheus', namespace }
  const rbac = 'rbac.authorization.k8s.io'
  const everything = {}
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'prometheus' },
      rules: [
        {
          apiGroups: [''],
          resources: ['pods', 'services', 'endpoints', 'nodes', 'nodes/metrics'],
          verbs: ['get', 'list', 'watch'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
        { nonResourceURLs: ['/metrics'], verbs: ['get'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'prometheus' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'prometheus' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata,
      spec: {
        image,
        version,
        replicas: 1,
        serviceAccountName: 'prometheus',
        podMonitorSelector: everything,
        podMonitorNamespaceSelector: everything,
        serviceMonitorSelector: everything,
        serviceMonitorNamespaceSelector: everything,
        ruleSelector: everything,
        ruleNamespaceSelector: everything,
        scrapeInterval: '5s',
        evaluationInterval: '5s',
        retention: '6h',
        resources: { requests: { cpu: '20m', memory: '128Mi' } },
        securityContext: { ...restricted.pod, runAsUser: 65532, fsGroup: 65532 },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { 'app.kubernetes.io/name': 'prometheus', 'app.kubernetes.io/instance': 'prometheus' },
        ports: [{ name: 'web', port: 9090, targetPort: 'web' }],
      },
    },
  ]
}

async function serverReady(api: Api): Promise<void> {
  await until(
    'Prometheus',
    async () => {
      const own = await api.get(
        `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/prometheuses/prometheus`,
      )
      return conditionIs(own, 'Available') ? true : undefined
    },
    { timeoutMs: patience.deployment, why: () => whyNotReady(api, namespace) },
  )
}
