import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Found } from '@atlas/tools-toolchain'
import { imageReference } from '../addresses.ts'
import type { KubernetesObject } from '../api.ts'
import { toolImage } from '../images.ts'
import { deploymentReady } from '../ready.ts'
import type { Addon } from './addon.ts'
import { applyInOrder, objectsIn, smallResources } from './manifests.ts'

const run = promisify(execFile)
const namespace = 'envoy-gateway-system'

/** The Gateway API and Envoy Gateway, from its own chart. GatewayClasses and Gateways are for others to make. */
export const gateway: Addon = {
  name: 'gateway',
  what: 'the Gateway API, served by Envoy Gateway',
  tools: ['envoy-gateway', 'envoy', 'helm'],
  needs: [],
  namespace,
  deployment: 'envoy-gateway',
  async install(context) {
    const { tools, api, push } = context
    const own = tools.get('envoy-gateway')!
    const envoy = tools.get('envoy')!
    await push([toolImage(own), toolImage(envoy)])
    const objects = await renderChart(own, envoy, tools.get('helm')!)
    // The job that makes the certificates deletes itself, and would be made again by every `up`.
    const certified = await api.find(`/api/v1/namespaces/${namespace}/secrets/envoy-gateway`)
    await applyInOrder(context, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...objects.filter(({ kind }) => kind !== 'Job' || certified === undefined),
    ])
    await deploymentReady(api, namespace, 'envoy-gateway')
  },
}

/** The values of the chart: our images, and what a cluster without load balancers and with two cores needs. */
function chartValues(own: Found, envoy: Found): object {
  return {
    global: {
      images: {
        envoyGateway: {
          image: imageReference('envoy-gateway', own.tool.version),
          pullPolicy: 'IfNotPresent',
        },
        envoyProxy: { image: imageReference('envoy', envoy.tool.version) },
      },
    },
    deployment: { envoyGateway: { resources: { limits: null, ...smallResources } } },
    // It tells proxies the zone of their node; there is one node.
    topologyInjector: { enabled: false },
    config: {
      envoyGateway: {
        // What an EnvoyProxy with `mergeType` does not say. An address of its own nobody here could give a Gateway.
        envoyProxy: {
          provider: {
            type: 'Kubernetes',
            kubernetes: {
              envoyService: { type: 'ClusterIP' },
              envoyDeployment: { container: { resources: smallResources } },
            },
          },
        },
      },
    },
  }
}

async function renderChart(own: Found, envoy: Found, helm: Found): Promise<KubernetesObject[]> {
  if (own.folder === undefined) throw new Error('Envoy Gateway comes with its chart only from the toolchain')
  const folder = await mkdtemp(join(tmpdir(), 'atlas-gateway-'))
  try {
    const chart = join(folder, 'chart')
    await cp(join(own.folder, 'share/charts/gateway-helm'), chart, { recursive: true })
    // As in the module; releases of the chart have these two filled in.
    const template = await readFile(join(chart, 'values.tmpl.yaml'), 'utf8')
    await writeFile(
      join(chart, 'values.yaml'),
      template
        .replaceAll(/\$\{GatewayImagePullPolicy\}/g, 'IfNotPresent')
        .replaceAll(/\$\{GatewayImage\}/g, imageReference('envoy-gateway', own.tool.version)),
    )
    await writeFile(join(folder, 'values.json'), JSON.stringify(chartValues(own, envoy)))
    const { stdout } = await run(
      helm.binaries.helm!,
      [
        'template',
        'envoy-gateway',
        chart,
        '--include-crds',
        '--namespace',
        namespace,
        '--values',
        join(folder, 'values.json'),
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    )
    return objectsIn(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
