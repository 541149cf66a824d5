import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { imageReference, push, remove, until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from './images.ts'
import { openSuite, root, type Suite, scratch } from './stack.ts'

/** A program of objects with names, whose provider takes over what exists, as the platform's do: killed at several points. */
const run = promisify(execFile)
const folder = join(scratch, 'killed')
const namespace = 'killed'
let suite: Suite
let env: NodeJS.ProcessEnv

const program = `import * as k8s from '@pulumi/kubernetes'
const provider = new k8s.Provider('cluster', { upsertExistingObjects: true, enableConfigMapMutable: true })
const space = new k8s.core.v1.Namespace('space', { metadata: { name: '${namespace}' } }, { provider })
const named = (name) => ({ name, namespace: space.metadata.name })
const options = { provider, dependsOn: [space] }
const account = new k8s.core.v1.ServiceAccount('account', { metadata: named('web') }, options)
new k8s.core.v1.ConfigMap('settings', { metadata: named('web'), data: { a: '1' } }, options)
new k8s.core.v1.Secret('secrets', { metadata: named('web'), stringData: { a: '1' } }, options)
const apiGroup = 'rbac.authorization.k8s.io'
new k8s.rbac.v1.Role('role', { metadata: named('web'), rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, options)
new k8s.rbac.v1.RoleBinding('binding', {
  metadata: named('web'),
  roleRef: { apiGroup, kind: 'Role', name: 'web' },
  subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: '${namespace}' }],
}, options)
const matchLabels = { app: 'web' }
const selector = { matchLabels }
const web = new k8s.apps.v1.Deployment('web', {
  metadata: named('web'),
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
          // Long enough to be killed while it is waited for.
          readinessProbe: { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 5, periodSeconds: 1 },
        }],
      },
    },
  },
}, options)
const after = { provider, dependsOn: [web] }
new k8s.core.v1.Service('service', { metadata: named('web'), spec: { selector: matchLabels, ports: [{ port: 80, targetPort: 8080 }] } }, after)
new k8s.policy.v1.PodDisruptionBudget('budget', { metadata: named('web'), spec: { maxUnavailable: 1, selector } }, after)
new k8s.networking.v1.NetworkPolicy('policy', { metadata: named('web'), spec: { podSelector: {}, policyTypes: ['Ingress'] } }, after)
new k8s.autoscaling.v2.HorizontalPodAutoscaler('scaler', {
  metadata: named('web'),
  spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
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
  await writeFile(join(folder, 'index.ts'), program)
  await pulumi('stack', 'init', 'dev')
})

afterAll(async () => {
  await remove(suite.api, space)
  await suite?.close()
  await rm(folder, { recursive: true, force: true })
})

const there = (path: string) =>
  suite.api.find(path).then((found) => (found === undefined ? undefined : (found as any)))
const space = `/api/v1/namespaces/${namespace}`
const web = `/apis/apps/v1/namespaces/${namespace}/deployments/web`

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

test('what is killed while it makes, or waits, converges in the next run', async () => {
  await killedWhen(['up'], 'the namespace', () => there(space))
  await killedWhen(['up'], 'the Deployment', () => there(web))
  await pulumi('up', '--yes', '--skip-preview')
  expect((await there(web)).status.availableReplicas).toBe(1)
  await pulumi('up', '--yes', '--skip-preview', '--expect-no-changes')
  await pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes')
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
