import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, until } from '../api.ts'
import { end, exclusively, openApi, type Running } from '../cluster.ts'
import { identity } from '../name.ts'
import { processesWith } from '../processes.ts'
import { patience } from '../ready.ts'
import { apply, up } from '../up.ts'
import { inhabitantsOf, machine, remaining } from './machine.ts'
import { gateways, namespace as meshNamespace } from './mesh-objects.ts'

/** Each part of a cluster is killed: it comes back, `up` finds everything ready, and `down` leaves nothing, whichever it was. */
const which = identity(join(import.meta.dirname, '../../../..'), 'test-kills')
let before: object

beforeAll(async () => {
  await exclusively(which, () => end(which))
  before = await machine([which])
})

afterAll(() => exclusively(which, () => end(which)))

/** Command lines of the parts of every cluster, as the machine sees them. */
const components: Readonly<Record<string, RegExp>> = {
  etcd: /\/kubernetes etcd /,
  registry: /\/crane registry serve /,
  'kube-apiserver': /\/kubernetes kube-apiserver /,
  'kube-controller-manager': /\/kubernetes kube-controller-manager /,
  'kube-scheduler': /\/kubernetes kube-scheduler /,
  containerd: /\/containerd --config/,
  kubelet: /\/kubernetes kubelet /,
  'kube-proxy': /\/kubernetes kube-proxy /,
  'the parents of containers': /containerd-shim/,
  'the first processes of pods': /^\S*\/pause$/,
  coredns: /^\S*coredns /,
  'metrics-server': /^\S*metrics-server /,
}

/** And of add-ons. */
const ofAddons: Readonly<Record<string, RegExp>> = {
  'envoy-gateway': /^\S*envoy-gateway (?!envoy)/,
  envoy: /^\S*envoy -/,
  flagger: /^\S*flagger -/,
  prometheus: /^\S*prometheus -/,
  'prometheus-operator': /^\S*prometheus-operator -/,
  'prometheus-config-reloader': /^\S*prometheus-config-reloader -/,
  keda: /^\S*keda -/,
  'keda-adapter': /^\S*keda-adapter -/,
  'keda-admission-webhooks': /^\S*keda-admission-webhooks -/,
}

async function pids(running: Running, pattern: RegExp): Promise<number[]> {
  const all = await processesWith(running.pid)
  return all.filter(({ command }) => pattern.test(command)).map(({ pid }) => pid)
}

/** Kills a part, and resolves when others are in the places of all that were killed. */
async function killed(running: Running, name: string, pattern: RegExp): Promise<void> {
  const victims = await pids(running, pattern)
  expect(victims, name).not.toEqual([])
  for (const pid of victims) kill(pid)
  await until(
    `${name} to run again`,
    async () => {
      const now = await pids(running, pattern)
      return now.length >= victims.length && now.every((pid) => !victims.includes(pid)) ? true : undefined
    },
    { timeoutMs: patience.deployment, everyMs: 500 },
  )
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It went with another of them.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until every pod of every namespace is ready, and nothing else is there. */
async function allReady(api: Api): Promise<void> {
  await until(
    'all pods to be ready',
    async () => {
      const { items } = await api.get('/apis/apps/v1/deployments')
      const { items: sets } = await api.get('/apis/apps/v1/statefulsets')
      const lacking = [...items, ...sets].filter(
        ({ metadata, spec, status }: any) =>
          status.observedGeneration !== metadata.generation || (status.readyReplicas ?? 0) !== spec.replicas,
      )
      if (lacking.length === 0 && items.length > 0) return true
      throw new Error(lacking.map(({ metadata }) => metadata.name).join(', '))
    },
    { timeoutMs: patience.deployment, everyMs: 500 },
  )
}

/** Ends the cluster, and compares the machine with what it was. */
async function leavesNothing(running: Running): Promise<void> {
  const inhabitants = await inhabitantsOf(running)
  await exclusively(which, () => end(which))
  expect(await remaining(inhabitants)).toEqual([])
  expect(await machine([which])).toEqual(before)
}

test.each(Object.entries(components))(
  '%s: runs again after a kill, and after another one nothing is left',
  async (name, pattern) => {
    const running = await up(which)
    await killed(running, name, pattern)
    // The same command as ever: it finds what runs, and waits for what does not yet.
    expect((await up(which)).pid).toBe(running.pid)
    const api = await openApi(running)
    await allReady(api)
    api.close()
    for (const pid of await pids(running, pattern)) kill(pid)
    await leavesNothing(running)
  },
)

test('add-ons run again after kills, and after a kill of all of them at once nothing is left', async () => {
  const addons = ['gateway', 'flagger', 'prometheus', 'keda']
  const running = await up(which, { addons })
  // A gateway has proxies, which nobody has without one.
  await apply(running, gateways)
  const api = await openApi(running)
  const proxies = async () => ((await pids(running, ofAddons.envoy!)).length >= 2 ? true : undefined)
  await until(`the proxies of ${meshNamespace}`, proxies, { timeoutMs: patience.deployment })
  await allReady(api)
  for (const [name, pattern] of Object.entries(ofAddons)) await killed(running, name, pattern)
  expect((await up(which, { addons })).pid).toBe(running.pid)
  await allReady(api)
  api.close()
  const every = Object.values({ ...components, ...ofAddons })
  for (const { pid, command } of await processesWith(running.pid)) {
    if (every.some((pattern) => pattern.test(command))) kill(pid)
  }
  await leavesNothing(running)
}, 1_200_000)
