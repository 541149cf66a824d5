import { join } from 'node:path'
import { imageReference } from '../addresses.ts'
import { toolImage } from '../images.ts'
import { deploymentReady } from '../ready.ts'
import type { Addon } from './addon.ts'
import { applyInOrder, inNamespace, readObjects, smallResources, withContainers } from './manifests.ts'
import { prometheusUrl } from './prometheus.ts'

const namespace = 'flagger-system'

/** Flagger, from its own manifests, shifting traffic by the weights of HTTPRoutes. */
export const flagger: Addon = {
  name: 'flagger',
  what: 'canaries by the Gateway API',
  tools: ['flagger'],
  needs: ['gateway'],
  namespace,
  deployment: 'flagger',
  async install(context) {
    const { tools, api, push, kubectl } = context
    const own = tools.get('flagger')!
    if (own.folder === undefined) throw new Error('Flagger comes with its manifests only from the toolchain')
    const image = toolImage(own)
    await push([image])
    const files = ['crd.yaml', 'account.yaml', 'deployment.yaml']
    const objects = await readObjects(
      kubectl,
      ...files.map((file) => join(own.folder!, 'share/flagger', file)),
    )
    const probe = { httpGet: { path: '/healthz', port: 'http' }, timeoutSeconds: 5 }
    await applyInOrder(context, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...withContainers(objects, ({ command, ...container }) => ({
        ...container,
        image: imageReference(image.name, image.tag),
        args: [
          '-log-level=info',
          '-mesh-provider=gatewayapi:v1',
          // Asked only by canaries with metrics of Flagger's own, which need the add-on prometheus.
          `-metrics-server=${prometheusUrl}`,
        ],
        // Theirs run wget in the container, and our images have one binary.
        livenessProbe: probe,
        readinessProbe: { ...probe, periodSeconds: 2 },
        resources: smallResources,
      })).map((object) => inNamespace(object, namespace)),
    ])
    await deploymentReady(api, namespace, 'flagger')
  },
}
