import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { kubectl, type Running, until } from '@atlas/tools-cluster'
import { requireTools, toolsNamed } from '@atlas/tools-toolchain'

/** Adds to a control plane a node that kwok plays, and the kinds that servlets need, from their projects, without their controllers. */
export async function addKinds(running: Running): Promise<void> {
  const tools = await requireTools(toolsNamed(['envoy-gateway', 'keda', 'flagger', 'prometheus-operator']))
  const share = (tool: string, path: string) => join(tools.get(tool)!.folder!, 'share', path)
  const gateway = share('envoy-gateway', 'charts/gateway-helm/charts/crds/crds')
  const keda = share('keda', 'config/crd/bases')
  const filesIn = async (folder: string) =>
    (await readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => join(folder, file))
  const files = [
    ...(await filesIn(gateway)),
    ...(await filesIn(join(gateway, 'generated'))),
    ...(await filesIn(keda)),
    share('flagger', 'flagger/crd.yaml'),
    // With the operator itself, whose pod is played like every other.
    share('prometheus-operator', 'bundle.yaml'),
  ]
  await kubectl(running, [
    'apply',
    '--server-side',
    '--force-conflicts',
    ...files.flatMap((file) => ['-f', file]),
  ])
  const room = { cpu: '10k', memory: '10Ti', pods: '10k' }
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'played', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: { capacity: room, allocatable: room },
  }
  await kubectl(running, ['apply', '-f', '-'], JSON.stringify(node))
  await until(
    'the kinds to be served',
    async () => {
      await kubectl(running, ['get', 'canaries,scaledobjects,podmonitors,httproutes,envoyproxies', '-A'])
      return true
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
}
