import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireTools, toolsNamed } from '@atlas/tools-toolchain'
import type { Addon } from './addons/addon.ts'
import { installAll, withNeeds } from './addons/addons.ts'
import { nodeName } from './addresses.ts'
import { type Api, ApiError, type KubernetesObject, until } from './api.ts'
import {
  exclusively,
  findRunning,
  kubectl,
  logTail,
  openApi,
  type Running,
  type Shape,
  start,
} from './cluster.ts'
import { watchEnds } from './ends.ts'
import { cachedImage, type ImageRecipe, toolImage } from './images.ts'
import { coredns } from './manifests/coredns.ts'
import { metricsServer } from './manifests/metrics-server.ts'
import type { Identity } from './name.ts'
import { conditionIs, deploymentReady, patience } from './ready.ts'
import { pushImage, waitForRegistry } from './registry.ts'

/** How to bring a cluster up. */
export interface UpOptions {
  readonly controlPlane?: boolean
  /** Names of add-ons, see addons/addons.ts; what they need comes with them. */
  readonly addons?: readonly string[]
  /** Called with what is being done. */
  readonly onStep?: (step: string) => void
}

/**
 * Brings a cluster up, or what is not there yet of one that runs: it may be killed at any point and be called again. When it
 * resolves, DNS and metrics answer and every add-on that was asked for is ready.
 */
export async function up(identity: Identity, options: UpOptions = {}): Promise<Running> {
  const wanted = withNeeds(options.addons ?? [])
  const shape: Shape = { controlPlane: options.controlPlane ?? false }
  if (shape.controlPlane && wanted.length > 0) {
    throw new Error(`${wanted[0]!.name} runs in pods, and a control plane alone has no node to run them`)
  }
  // Everything that can be missing is said before anything starts.
  await requireTools(toolsNamed(wanted.flatMap(({ tools }) => tools)))
  const step = options.onStep ?? (() => {})
  return exclusively(identity, async () => {
    let running = await findRunning(identity)
    if (running && running.shape.controlPlane !== shape.controlPlane) {
      throw new Error(
        `cluster ${identity.name} runs ${running.shape.controlPlane ? 'as a control plane alone' : 'with a node'}: end it first (npm run cluster -- down), or give the other one a name (--name)`,
      )
    }
    if (!running) {
      step('starting processes')
      running = await start(identity, shape)
    }
    const api = await openApi(running)
    try {
      await settle(running, api, wanted, step)
    } finally {
      api.close()
    }
    const before = await readyAddons(identity)
    const names = new Set([...(before ?? []), ...wanted.map(({ name }) => name)])
    await writeFile(readyPath(identity), JSON.stringify([...names]))
    return running
  })
}

/** The add-ons with which a cluster was ready last; undefined when it never was. */
export async function readyAddons(identity: Identity): Promise<string[] | undefined> {
  try {
    return JSON.parse(await readFile(readyPath(identity), 'utf8')) as string[]
  } catch {
    // Not there, or not whole: then it is brought up again, which finds what is there.
    return undefined
  }
}

function readyPath({ folder }: Identity): string {
  return join(folder, 'ready')
}

async function settle(
  running: Running,
  api: Api,
  wanted: readonly Addon[],
  step: (step: string) => void,
): Promise<void> {
  const { identity } = running
  // A component that cannot run would be waited for in vain.
  const unless = await watchEnds(identity)
  step('waiting for the API server')
  await until(
    'the API server to be ready',
    async () => ((await api.get('/readyz')) === 'ok' ? true : undefined),
    {
      timeoutMs: patience.api,
      everyMs: 100,
      why: () => logTail(identity, 'kube-apiserver'),
      unless,
    },
  )
  // Namespaces, accounts and priority classes of the system come a moment after the server is ready.
  await until(
    'the default service account',
    () => api.find('/api/v1/namespaces/default/serviceaccounts/default'),
    {
      timeoutMs: patience.api,
      why: () => logTail(identity, 'kube-controller-manager'),
      unless,
    },
  )
  if (running.shape.controlPlane) {
    step('waiting for kwok')
    return playsNodes(identity, api, unless)
  }
  step('loading images')
  await waitForRegistry(running)
  const tools = await requireTools(toolsNamed(['pause', 'coredns', 'metrics-server']))
  await push(
    running,
    ['pause', 'coredns', 'metrics-server'].map((name) => toolImage(tools.get(name)!)),
  )
  step('starting DNS and metrics')
  await apply(running, [
    ...coredns(tools.get('coredns')!.tool.version),
    ...metricsServer(tools.get('metrics-server')!.tool.version),
  ])
  step('waiting for the node')
  await until(
    'the node to be Ready',
    async () => {
      const node = await api.find(`/api/v1/nodes/${nodeName}`)
      return conditionIs(node, 'Ready') ? true : undefined
    },
    { timeoutMs: patience.node, why: () => logTail(identity, 'kubelet'), unless },
  )
  await deploymentReady(api, 'kube-system', 'coredns', unless)
  await installAll(wanted, async (addon) => {
    step(`adding ${addon.name}`)
    await addon.install({
      api,
      tools: await requireTools(toolsNamed(addon.tools)),
      apply: (list) => apply(running, list),
      push: (list) => push(running, list),
      kubectl: async (args) => (await kubectl(running, args)).stdout,
    })
    step(`${addon.name} is ready`)
  })
  await deploymentReady(api, 'kube-system', 'metrics-server', unless)
  await until(
    'metrics of the node',
    async () => {
      const list = await api.get('/apis/metrics.k8s.io/v1beta1/nodes')
      return list.items.length > 0 ? true : undefined
    },
    { timeoutMs: patience.deployment },
  )
}

/** Waits until kwok plays nodes: one is made, becomes ready, and is taken away. */
async function playsNodes(identity: Identity, api: Api, unless: () => Promise<void>): Promise<void> {
  const nodes = '/api/v1/nodes'
  const name = 'atlas-check'
  const made = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  await api.ask('POST', nodes, made).catch((error: Error) => {
    // Of a run that was killed.
    if (!(error instanceof ApiError && error.status === 409)) throw error
  })
  await until(
    'kwok to play a node',
    async () => (conditionIs(await api.get(`${nodes}/${name}`), 'Ready') ? true : undefined),
    { timeoutMs: patience.node, why: () => logTail(identity, 'kwok'), unless },
  )
  await api.ask('DELETE', `${nodes}/${name}`)
}

/** Puts images that are not in the registry yet into it. */
export async function push(running: Running, images: readonly ImageRecipe[]): Promise<void> {
  for (const image of images) {
    const folder = await cachedImage(image)
    await pushImage(running, folder, `atlas/${image.name}:${image.tag}`)
  }
}

/**
 * Applies objects; what of them is the same already stays as it is. A server that is too busy to answer in time is asked again.
 *
 * @throws Error with what kubectl said, when the server refuses them or stays too busy
 */
export async function apply(running: Running, objects: readonly KubernetesObject[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const flags = ['--server-side', '--force-conflicts', '--field-manager=atlas-cluster']
  const refused = await until(
    'the API server to take objects',
    async () => {
      try {
        await kubectl(running, ['apply', ...flags, '-f', '-'], list)
        return { error: undefined }
      } catch (error) {
        if (isBusy((error as Error).message)) throw error
        return { error: error as Error }
      }
    },
    { timeoutMs: patience.deployment, everyMs: 1_000 },
  )
  if (refused.error) throw refused.error
}

/** Whether kubectl failed because the server was too busy, and not because of what it was sent. */
export function isBusy(message: string): boolean {
  return /\(Timeout\)|\(ServerTimeout\)|\(TooManyRequests\)|TLS handshake timeout|i\/o timeout|connection refused|deadline exceeded/.test(
    message,
  )
}
