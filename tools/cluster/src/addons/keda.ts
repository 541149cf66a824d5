import { join } from 'node:path'
import { imageReference } from '../addresses.ts'
import { until } from '../api.ts'
import { toolImage } from '../images.ts'
import { conditionIs, deploymentReady, patience } from '../ready.ts'
import type { Addon } from './addon.ts'
import { applyInOrder, objectsIn, smallResources, withContainers } from './manifests.ts'

const namespace = 'keda'

/** The binary that each Deployment of KEDA runs. */
const binaries: Readonly<Record<string, string>> = {
  'keda-operator': 'keda',
  'keda-metrics-apiserver': 'keda-adapter',
  'keda-admission': 'keda-admission-webhooks',
}

/** KEDA, from its own manifests: ScaledObjects, the metrics that autoscalers ask for, and the check of what is applied. */
export const keda: Addon = {
  name: 'keda',
  what: 'scaling by ScaledObjects',
  tools: ['keda'],
  needs: [],
  namespace,
  deployment: 'keda-operator',
  async install(context) {
    const { tools, api, push, kubectl } = context
    const own = tools.get('keda')!
    if (own.folder === undefined) throw new Error('KEDA comes with its manifests only from the toolchain')
    await push(Object.values(binaries).map((binary) => toolImage(own, binary)))
    const rendered = objectsIn(await kubectl(['kustomize', join(own.folder, 'share/config/default')]))
    await applyInOrder(
      context,
      withContainers(rendered, ({ command, ...container }, { metadata }) => ({
        ...container,
        image: imageReference(binaries[metadata.name]!, own.tool.version),
        imagePullPolicy: 'IfNotPresent',
        resources: smallResources,
        // Theirs waits 20 s before it looks.
        readinessProbe: { ...container.readinessProbe, initialDelaySeconds: 1, periodSeconds: 2 },
      })),
    )
    for (const name of Object.keys(binaries)) await deploymentReady(api, namespace, name)
    await until(
      'external metrics to be served',
      async () => {
        const service = await api.get(
          '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io',
        )
        return conditionIs(service, 'Available') ? true : undefined
      },
      { timeoutMs: patience.deployment },
    )
  },
}
