import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imageReference } from '../addresses.ts'
import { type Api, type KubernetesObject, until } from '../api.ts'
import { cgroupsOf } from '../cgroups.ts'
import { end, exclusively, findRunning, kubectl, openApi, type Running } from '../cluster.ts'
import type { ImageRecipe } from '../images.ts'
import { type Identity, identity } from '../name.ts'
import { findFirstProcess, processesWith } from '../processes.ts'
import { deploymentReady } from '../ready.ts'
import { apply, push, up } from '../up.ts'
import { configPath } from '../write-state.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../../..')
const which = identity(root, 'test-life')
/** As if it were another checkout; where tools/test finds what a killed run leaves. */
const otherCheckout = join(root, '.atlas/test-checkouts/life')
let other: Identity

/** Answers every request with the name of its pod; `/burn` keeps a core busy for a quarter of a second. */
const server = `
const { createServer } = require('node:http')
createServer((request, response) => {
  if (request.url === '/burn') for (const end = Date.now() + 250; Date.now() < end; );
  response.end('served by ' + process.env.HOSTNAME)
}).listen(8080, () => console.log('listening'))
process.on('SIGTERM', () => process.exit(0))
`

const image: ImageRecipe = {
  name: 'life',
  tag: '1',
  contents: {
    files: {
      '/usr/local/bin/node': { from: join(root, 'node_modules/node/bin/node') },
      '/server.js': { text: server },
    },
    withLibrariesOf: ['/usr/local/bin/node'],
    entrypoint: ['/usr/local/bin/node', '/server.js'],
  },
}

const labels = { app: 'web' }
const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const objects: KubernetesObject[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'web',
              image: imageReference('life', '1'),
              // Patient: a pod that load makes unready now and then is one whose load an autoscaler leaves out.
              readinessProbe: {
                httpGet: { path: '/', port: 8080 },
                periodSeconds: 1,
                timeoutSeconds: 10,
                failureThreshold: 10,
              },
              resources: { requests: { cpu: '50m', memory: '32Mi' } },
              securityContext: restricted,
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  },
]

/** What of the machine a cluster could leave something in. */
async function machine(): Promise<object> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes('atlas'))
  return {
    mounts,
    interfaces: Object.keys(networkInterfaces()),
    cgroups: await cgroupsOf(which.id),
    first: await findFirstProcess(configPath(which)),
    others: await cgroupsOf(other.id),
    folders: (await readdir(join(which.folder, '..')).catch(() => [])).filter((name) => name === which.name),
    kernel: await Promise.all(
      ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'].map((name) =>
        readFile(`/proc/sys/${name}`, 'utf8'),
      ),
    ),
    systemFolders: await Promise.all(
      ['/var/lib', '/var/log', '/run', '/etc', '/usr/libexec'].map((path) => readdir(path)),
    ),
  }
}

let before: object
let running: Running
let api: Api

beforeAll(async () => {
  await mkdir(otherCheckout, { recursive: true })
  other = identity(otherCheckout, which.name)
  await exclusively(which, () => end(which))
  await exclusively(other, () => end(other))
  before = await machine()
})

afterAll(async () => {
  api?.close()
  await exclusively(which, () => end(which))
  await endOther()
})

async function endOther(): Promise<void> {
  await exclusively(other, () => end(other))
  await rm(otherCheckout, { recursive: true, force: true })
}

async function inside(...command: string[]): Promise<string> {
  const { stdout } = await run('nsenter', [
    '--target',
    `${running.pid}`,
    '--net',
    '--mount',
    '--',
    ...command,
  ])
  return stdout
}

test('comes up from an empty folder', async () => {
  running = await up(which)
  api = await openApi(running)
  await push(running, [image])
  await apply(running, objects)
  await deploymentReady(api, 'default', 'web')
  const { items } = await api.get('/api/v1/namespaces/default/pods')
  expect(items).toHaveLength(3)
})

test('does nothing when it is up already', async () => {
  expect((await up(which)).pid).toBe(running.pid)
})

test('answers at a Service, by its name, on every pod', async () => {
  // The resolver of the machine's libc, at the cluster's DNS.
  const answered = await until(
    'the name of the Service',
    () => inside('getent', 'hosts', 'web.default.svc.cluster.local'),
    { timeoutMs: 60_000 },
  )
  const { spec } = await api.get('/api/v1/namespaces/default/services/web')
  expect(answered).toContain(spec.clusterIP)
  // A connection for each request: a pod is chosen for a connection, and fetch asks again on the one that it has.
  const ask = `
    import { get } from 'node:http'
    import { text } from 'node:stream/consumers'
    for (let i = 0; i < 40; i++) {
      const response = await new Promise((resolve, reject) =>
        get('http://web.default.svc.cluster.local', { agent: false }, resolve).on('error', reject))
      console.log(await text(response))
    }`
  const node = join(root, 'node_modules/node/bin/node')
  // A pod that is ready is behind its Service once kube-proxy has heard of it, which it does a moment later.
  const behind = await until(
    'three pods to be behind their Service',
    async () => {
      const lines = (await inside(node, '--input-type=module', '--eval', ask)).trim().split('\n')
      const pods = new Set(lines)
      return pods.size >= 3 ? pods : undefined
    },
    { timeoutMs: 60_000 },
  )
  expect(behind.size).toBe(3)
})

test('shows logs and runs commands in pods', async () => {
  expect((await kubectl(running, ['logs', 'deployment/web'])).stdout).toBe('listening\n')
  expect((await kubectl(running, ['exec', 'deployment/web', '--', 'node', '-p', '6*7'])).stdout).toBe('42\n')
})

test('scales on CPU under load, and back', async () => {
  await api.ask(
    'PATCH',
    '/apis/apps/v1/namespaces/default/deployments/web/scale',
    { spec: { replicas: 1 } },
    'application/merge-patch+json',
  )
  await apply(running, [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
      },
    },
  ])
  const replicas = async () =>
    (await api.get('/apis/apps/v1/namespaces/default/deployments/web')).status.readyReplicas ?? 0
  // Asks for as long as it lives, four at a time; ends by itself after ten minutes.
  const burn = `
    const end = Date.now() + 600_000
    await Promise.all([1, 2, 3, 4].map(async () => {
      while (Date.now() < end) await fetch('http://web.default.svc.cluster.local/burn').then((r) => r.text(), () => {})
    }))`
  const node = join(root, 'node_modules/node/bin/node')
  const load = execFile('nsenter', [
    '--target',
    `${running.pid}`,
    '--net',
    '--mount',
    '--',
    node,
    '--input-type=module',
    '--eval',
    burn,
  ])
  try {
    await until('more pods', async () => ((await replicas()) > 1 ? true : undefined), { timeoutMs: 480_000 })
  } finally {
    load.kill('SIGKILL')
  }
  await until('one pod again', async () => ((await replicas()) === 1 ? true : undefined), {
    timeoutMs: 240_000,
  })
  await api.ask('DELETE', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web')
})

test('does not collide with a cluster of the same name of another checkout', async () => {
  const second = await up(other)
  try {
    expect(other.id).not.toBe(which.id)
    const apiOfSecond = await openApi(second)
    // What is in one is not in the other, and both have everything of their own.
    expect((await apiOfSecond.get('/api/v1/namespaces/default/pods')).items).toEqual([])
    apiOfSecond.close()
    await exclusively(other, () => end(other))
    expect((await findRunning(which))?.pid).toBe(running.pid)
    await deploymentReady(api, 'default', 'web')
    expect((await kubectl(running, ['exec', 'deployment/web', '--', 'node', '-p', '1'])).stdout).toBe('1\n')
  } finally {
    await endOther()
  }
})

test('starts again each component that is killed, and pods go on', async () => {
  const components = [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
    'containerd',
  ]
  const pidOf = async (name: string) => {
    const all = await processesWith(running.pid)
    const pattern = name === 'containerd' ? /\/containerd --config/ : new RegExp(`/kubernetes ${name} `)
    return all.find(({ command }) => pattern.test(command))?.pid
  }
  for (const name of components) {
    const pid = await pidOf(name)
    expect(pid, name).toBeDefined()
    process.kill(pid!, 'SIGKILL')
    await until(
      `${name} to run again`,
      async () => {
        const again = await pidOf(name)
        return again !== undefined && again !== pid ? true : undefined
      },
      { timeoutMs: 60_000 },
    )
  }
  await until('the API server', async () => ((await api.get('/readyz')) === 'ok' ? true : undefined), {
    timeoutMs: 180_000,
  })
  // A new pod needs all of them.
  await api.ask('DELETE', '/api/v1/namespaces/default/pods?labelSelector=app=web')
  await until(
    'new pods',
    async () => {
      const { items } = await api.get('/api/v1/namespaces/default/pods')
      return items.length > 0 && items.every((pod: any) => !pod.metadata.deletionTimestamp) ? true : undefined
    },
    { timeoutMs: 180_000 },
  )
  await deploymentReady(api, 'default', 'web')
})

test('ends and leaves nothing', async () => {
  await exclusively(which, () => end(which))
  expect(await machine()).toEqual(before)
})

test('leaves nothing when add-ons, what runs their containers, and the registry are killed before', async () => {
  const started = await up(which, { addons: ['gateway'] })
  const all = await processesWith(started.pid)
  const killed = all.filter(({ command }) =>
    /envoy-gateway|containerd-shim|\/containerd --config|crane/.test(command),
  )
  expect(killed.length).toBeGreaterThan(4)
  for (const { pid } of killed) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      // It went with another of them.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await exclusively(which, () => end(which))
  expect(await machine()).toEqual(before)
})

test('leaves nothing when its first process is killed, or down is interrupted, or up', async () => {
  const started = await up(which)
  process.kill(started.pid, 'SIGKILL')
  await until(
    'it to be found ended',
    async () => ((await findRunning(which)) === undefined ? true : undefined),
    { timeoutMs: 60_000 },
  )
  const main = join(import.meta.dirname, '../main.ts')
  const command = (action: string) =>
    execFile(process.execPath, [main, action, '--name', which.name], { cwd: root })
  const interrupt = async (action: string, afterMs: number) => {
    const child = command(action)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    setTimeout(() => child.kill('SIGKILL'), afterMs)
    await ended
  }
  await interrupt('up', 400)
  await interrupt('up', 1_500)
  await interrupt('down', 300)
  await up(which)
  await interrupt('down', 350)
  await exclusively(which, () => end(which))
  expect(await machine()).toEqual(before)
})
