import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { imageReference, push, remove, until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from './images.ts'
import { openSuite, root, type Suite, scratch } from './stack.ts'

/**
 * A program of objects with names, whose provider takes over what exists, as the platform's do: killed at several points, and changed
 * between the run that was killed and the next.
 */
const run = promisify(execFile)
const folder = join(scratch, 'killed')
const namespace = 'killed'
let suite: Suite
let env: NodeJS.ProcessEnv

/** What may differ between a run and the next. What is there in the first and not in the second has to go. */
interface Version {
  readonly data: Readonly<Record<string, string>>
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly verbs: readonly string[]
  readonly port: number
  readonly maxUnavailable: number
  readonly ports: readonly number[]
  readonly maxReplicas: number
}

const first: Version = {
  data: { a: '1', b: '1' },
  env: [
    { name: 'A', value: '1' },
    { name: 'C', value: '1' },
  ],
  verbs: ['get', 'list'],
  port: 80,
  maxUnavailable: 1,
  ports: [8080, 8081],
  maxReplicas: 2,
}

const second: Version = {
  data: { b: '2', c: '2' },
  env: [
    { name: 'B', value: '2' },
    { name: 'C', value: '2' },
  ],
  verbs: ['watch'],
  port: 81,
  maxUnavailable: 2,
  ports: [8080],
  maxReplicas: 3,
}

/** Half of the objects name who applies them, as the platform's do; the names of the others are the provider's to make. */
const program = (version: Version) => `import * as k8s from '@pulumi/kubernetes'
const provider = new k8s.Provider('cluster', { upsertExistingObjects: true, enableConfigMapMutable: true })
const space = new k8s.core.v1.Namespace('space', { metadata: { name: '${namespace}' } }, { provider })
const named = (name) => ({ name, namespace: space.metadata.name })
const applied = (name) => ({ ...named(name), annotations: { 'pulumi.com/patchFieldManager': 'atlas' } })
const options = { provider, dependsOn: [space] }
const account = new k8s.core.v1.ServiceAccount('account', { metadata: named('web') }, options)
const data = ${JSON.stringify(version.data)}
new k8s.core.v1.ConfigMap('settings', { metadata: named('web'), data }, options)
new k8s.core.v1.ConfigMap('ours', { metadata: applied('ours'), data }, options)
new k8s.core.v1.Secret('secrets', { metadata: named('web'), stringData: data }, options)
const apiGroup = 'rbac.authorization.k8s.io'
new k8s.rbac.v1.Role('role', { metadata: named('web'), rules: [{ apiGroups: [''], resources: ['pods'], verbs: ${JSON.stringify(version.verbs)} }] }, options)
new k8s.rbac.v1.RoleBinding('binding', {
  metadata: named('web'),
  roleRef: { apiGroup, kind: 'Role', name: 'web' },
  subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: '${namespace}' }],
}, options)
const matchLabels = { app: 'web' }
const selector = { matchLabels }
const web = new k8s.apps.v1.Deployment('web', {
  metadata: applied('web'),
  spec: {
    selector,
    template: {
      metadata: { labels: matchLabels },
      spec: {
        serviceAccountName: account.metadata.name,
        terminationGracePeriodSeconds: 1,
        containers: [{
          name: 'web',
          image: '${imageReference('test-server', '1')}',
          env: ${JSON.stringify(version.env)},
          // Long enough to be killed while it is waited for.
          readinessProbe: { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 5, periodSeconds: 1 },
        }],
      },
    },
  },
}, options)
const after = { provider, dependsOn: [web] }
new k8s.core.v1.Service('service', { metadata: named('web'), spec: { selector: matchLabels, ports: [{ port: ${version.port}, targetPort: 8080 }] } }, after)
new k8s.policy.v1.PodDisruptionBudget('budget', { metadata: applied('web'), spec: { maxUnavailable: ${version.maxUnavailable}, selector } }, after)
new k8s.networking.v1.NetworkPolicy('policy', {
  metadata: named('web'),
  spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: ${JSON.stringify(version.ports.map((port) => ({ port })))} }] },
}, after)
new k8s.autoscaling.v2.HorizontalPodAutoscaler('scaler', {
  metadata: named('web'),
  spec: { maxReplicas: ${version.maxReplicas}, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
}, after)
`

beforeAll(async () => {
  suite = await openSuite()
  await push(suite.running, [testServer])
  env = { ...process.env, ...suite.env }
  await remove(suite.api, space)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'Pulumi.yaml'),
    'name: killed\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n',
  )
  await writeFile(join(folder, 'package.json'), '{ "name": "killed", "type": "module" }')
  await write(first)
  await pulumi('stack', 'init', 'dev')
})

afterAll(async () => {
  await remove(suite.api, space)
  await suite?.close()
  await rm(folder, { recursive: true, force: true })
})

const write = (version: Version) => writeFile(join(folder, 'index.ts'), program(version))

const there = (path: string) =>
  suite.api.find(path).then((found) => (found === undefined ? undefined : (found as any)))
const space = `/api/v1/namespaces/${namespace}`
const web = `/apis/apps/v1/namespaces/${namespace}/deployments/web`

/** That the cluster has what a version says and nothing that another one said; that a run, and a refresh, find nothing to do. */
async function converged(version: Version): Promise<void> {
  for (const path of ['configmaps/web', 'configmaps/ours']) {
    expect((await there(`${space}/${path}`)).data).toEqual(version.data)
  }
  const secret = (await there(`${space}/secrets/web`)).data as Record<string, string>
  const decoded = Object.entries(secret).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  expect(Object.fromEntries(decoded)).toEqual(version.data)
  const { spec, status } = await there(web)
  expect(spec.template.spec.containers[0].env).toEqual(version.env)
  expect(status.availableReplicas).toBe(1)
  const of = (group: string, rest: string) => there(`/apis/${group}/namespaces/${namespace}/${rest}`)
  expect((await of('rbac.authorization.k8s.io/v1', 'roles/web')).rules[0].verbs).toEqual(version.verbs)
  expect((await of('policy/v1', 'poddisruptionbudgets/web')).spec.maxUnavailable).toBe(version.maxUnavailable)
  const { ingress } = (await of('networking.k8s.io/v1', 'networkpolicies/web')).spec
  expect(ingress[0].ports.map(({ port }: any) => port)).toEqual(version.ports)
  const scaler = await of('autoscaling/v2', 'horizontalpodautoscalers/web')
  expect(scaler.spec.maxReplicas).toBe(version.maxReplicas)
  expect((await there(`${space}/services/web`)).spec.ports.map(({ port }: any) => port)).toEqual([
    version.port,
  ])
  await pulumi('up', '--yes', '--skip-preview', '--expect-no-changes')
  await pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes')
}

function pulumi(...args: string[]) {
  return run(process.execPath, [join(root, 'node_modules/pulumi/run.js'), ...args, '--non-interactive'], {
    cwd: folder,
    env,
  })
}

/** Starts a run, and kills it and its plugins when something is so. */
async function killedWhen(args: string[], what: string, ask: () => Promise<unknown>): Promise<void> {
  const child: ChildProcess = spawn(
    join(suite.env.PULUMI_HOME!, 'versions/3.255.0/bin/pulumi'),
    [...args, '--yes', '--skip-preview', '--non-interactive'],
    { cwd: folder, env, stdio: 'ignore', detached: true },
  )
  const exited = once(child, 'exit')
  await until(what, async () => ((await ask()) ? true : undefined), { timeoutMs: 300_000, everyMs: 20 })
  // A run that ended before it could be killed would prove nothing.
  expect(child.exitCode).toBeNull()
  process.kill(-child.pid!, 'SIGKILL')
  await exited
  // The lock of a run that is no more.
  await pulumi('cancel', '--yes')
}

/** Takes every object out of the state of the stack, and leaves it in the cluster. */
async function forget(): Promise<void> {
  const { stdout } = await pulumi('stack', 'export')
  const state = JSON.parse(stdout)
  state.deployment.resources = (state.deployment.resources ?? []).filter(
    ({ type }: any) => !type.startsWith('kubernetes:'),
  )
  state.deployment.pending_operations = []
  const file = join(folder, 'state.json')
  await writeFile(file, JSON.stringify(state))
  await pulumi('stack', 'import', '--file', file)
}

test('what is killed while it makes, or waits, converges in the next run', async () => {
  await killedWhen(['up'], 'the namespace', () => there(space))
  await killedWhen(['up'], 'the Deployment', () => there(web))
  await pulumi('up', '--yes', '--skip-preview')
  await converged(first)
})

test('what is killed while it takes away leaves nothing in the next run', async () => {
  const deleted = async () => {
    const found = await there(web)
    return found === undefined || found.metadata.deletionTimestamp !== undefined
  }
  await killedWhen(['destroy'], 'the Deployment to go', deleted)
  await pulumi('destroy', '--yes', '--skip-preview')
  expect(await there(space)).toBeUndefined()
  const { stdout } = await pulumi('stack', 'export')
  expect(JSON.parse(stdout).deployment.resources ?? []).toEqual([])
})

test('what is killed while it makes converges on a program that has changed since, though nobody wrote down who made what', async () => {
  await write(first)
  await killedWhen(['up'], 'the Deployment', () => there(web))
  // What the killed run made and did not write down is in no state: the worst case is that it is all of it.
  await forget()
  await write(second)
  await pulumi('up', '--yes', '--skip-preview')
  await converged(second)
})

test('what is killed while it changes things converges, on what is wanted now', async () => {
  await write(first)
  const changed = () => there(`${space}/configmaps/ours`).then(({ data }) => data.a === '1')
  await killedWhen(['up'], 'a change', changed)
  await write(second)
  await pulumi('up', '--yes', '--skip-preview')
  await converged(second)
  await pulumi('destroy', '--yes', '--skip-preview')
  expect(await there(space)).toBeUndefined()
})
