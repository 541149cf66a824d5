import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { remove, until } from '@atlas/tools-cluster'
import * as k8s from '@pulumi/kubernetes'
import * as pulumi from '@pulumi/pulumi'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openSuite, type Suite, scratch, type TestStack } from './stack.ts'

/** What the settings of a provider and the annotations of an object change, and what happens where the cluster lacks something. */
let suite: Suite
let stack: TestStack
let number = 0
const namespace = 'settings'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
const map = `${maps}/map`

beforeAll(async () => {
  suite = await openSuite()
})

afterAll(async () => {
  await removeNamespace()
  await suite?.close()
})

beforeEach(async () => {
  await removeNamespace()
  await suite.api.ask('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  stack = await suite.stack(`settings-${++number}`)
})

const removeNamespace = () => remove(suite.api, `/api/v1/namespaces/${namespace}`)

interface Options {
  readonly data?: Record<string, pulumi.Input<string>>
  readonly annotations?: Record<string, string>
  readonly settings?: k8s.ProviderArgs
}

/** A ConfigMap with a name, by a provider with settings. */
const program =
  ({ data = { a: '1' }, annotations = {}, settings = {} }: Options = {}) =>
  async () => {
    const provider = new k8s.Provider('cluster', {
      clusterIdentifier: 'suite',
      enableConfigMapMutable: true,
      ...settings,
    })
    new k8s.core.v1.ConfigMap(
      'map',
      { metadata: { name: 'map', namespace, annotations }, data },
      { provider },
    )
  }

const failure = (program: () => Promise<void>) => stack.failure(program)

/** As another who declares state does it. */
const applyAs = (manager: string, data: object) =>
  suite.api.ask(
    'PATCH',
    `${map}?fieldManager=${manager}`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data },
    'application/apply-patch+yaml',
  )

const managers = async (): Promise<string[]> =>
  (await suite.api.get(map)).metadata.managedFields.map((entry: any) => `${entry.manager} ${entry.operation}`)

test('takes over what exists when it may, and keeps what others own of it', async () => {
  await applyAs('other', { theirs: 'x' })
  expect(await failure(program())).toMatch(/ConfigMap settings\/map exists already[\s\S]*pulumi import/)
  expect((await suite.api.get(map)).data).toEqual({ theirs: 'x' })
  const settings = { upsertExistingObjects: true }
  // The provider's own settings are updated.
  expect(await stack.preview(program({ settings }))).toEqual({ create: 1, update: 1 })
  expect(await stack.steps(program({ settings }))).toEqual({ map: 'create' })
  expect((await suite.api.get(map)).data).toEqual({ theirs: 'x', a: '1' })
  expect(await stack.preview(program({ settings }))).toEqual({})
  await stack.destroy()
  expect(await suite.api.find(map)).toBeUndefined()
})

test('previews the replacement of what it may take over, as if the old one had gone', async () => {
  const apiGroup = 'rbac.authorization.k8s.io'
  const bound = (role: string) => async () => {
    const provider = new k8s.Provider('cluster', { clusterIdentifier: 'suite', upsertExistingObjects: true })
    new k8s.rbac.v1.RoleBinding(
      'binding',
      {
        metadata: { name: 'binding', namespace },
        roleRef: { apiGroup, kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', name: 'somebody', apiGroup }],
      },
      { provider },
    )
  }
  await stack.up(bound('view'))
  expect(await stack.preview(bound('edit'))).toEqual({ replace: 1 })
  expect(await stack.up(bound('edit'))).toEqual({ replace: 1 })
  const at = `/apis/${apiGroup}/v1/namespaces/${namespace}/rolebindings/binding`
  expect((await suite.api.get(at)).roleRef.name).toBe('edit')
  await stack.destroy()
})

test('is told of a field that another applies, and takes it by force only', async () => {
  await applyAs('other', { a: 'theirs' })
  const settings = { upsertExistingObjects: true }
  expect(await failure(program({ settings }))).toMatch(/conflict with "other"[\s\S]*\.data\.a/)
  expect((await suite.api.get(map)).data).toEqual({ a: 'theirs' })
  await stack.up(program({ settings: { ...settings, enablePatchForce: true } }))
  expect((await suite.api.get(map)).data).toEqual({ a: '1' })
  // Theirs again, by force of their own: an update is told of it too, and the annotation of one object is enough.
  await suite.api.ask(
    'PATCH',
    `${map}?fieldManager=other&force=true`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: { a: 'theirs' } },
    'application/apply-patch+yaml',
  )
  const changed = { settings, data: { a: '2' } }
  expect(await failure(program(changed))).toMatch(
    /Server-Side Apply field conflict[\s\S]*The resource managed by field manager "pulumi-kubernetes-[0-9a-f]{8}" had an apply conflict[\s\S]*other/,
  )
  await stack.up(program({ ...changed, annotations: { 'pulumi.com/patchForce': 'true' } }))
  expect((await suite.api.get(map)).data).toEqual({ a: '2' })
  await stack.destroy()
})

test('applies under the name that it is given, and gives up what it had under another', async () => {
  const named = (name: string, data: Record<string, string>) =>
    program({ data, annotations: { 'pulumi.com/patchFieldManager': name } })
  await stack.up(named('first', { a: '1', b: '1' }))
  await stack.up(named('first', { a: '2', b: '1' }))
  expect(await managers()).toEqual(['first Apply'])
  await stack.up(named('second', { a: '2' }))
  expect(await managers()).toEqual(['second Apply'])
  expect((await suite.api.get(map)).data).toEqual({ a: '2' })
  await stack.destroy()
})

test('previews what depends on values that are not known yet', async () => {
  const computed = (text: string) => async () => {
    const first = new k8s.core.v1.ConfigMap('first', { metadata: { namespace }, data: { text } })
    // The id of what does not exist is known when it does.
    const data = { id: first.id }
    new k8s.core.v1.ConfigMap('second', { metadata: { namespace }, data })
    new k8s.core.v1.ConfigMap('third', {
      metadata: { name: pulumi.interpolate`x-${first.id.apply((id) => id.split('/')[1]!)}`, namespace },
    })
  }
  expect(await stack.preview(computed('a'))).toEqual({ create: 4 })
  await stack.up(computed('a'))
  expect(await stack.preview(computed('a'))).toEqual({})
  expect(await stack.preview(computed('b'))).toEqual({ replace: 3 })
  await stack.up(computed('b'))
  const { items } = await suite.api.get(maps)
  const names = items
    .map(({ metadata }: any) => metadata.name)
    .filter((name: string) => name !== 'kube-root-ca.crt')
  expect(names).toHaveLength(3)
  expect(items.find(({ metadata }: any) => metadata.name.startsWith('second-')).data.id).toMatch(
    /^settings\/first-[0-9a-f]{8}$/,
  )
  await stack.destroy()
})

test('a preview fails on what the server refuses, and not on what it cannot know', async () => {
  const invalid = async () => {
    new k8s.apps.v1.Deployment('invalid', {
      metadata: { namespace },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: {
          metadata: { labels: { app: 'b' } },
          spec: { containers: [{ name: 'c', image: 'none' }] },
        },
      },
    })
  }
  await expect(stack.preview(invalid)).rejects.toThrow(/`selector` does not match template `labels`/)
  // Neither the namespace nor the kind is there: another stack may make them before this one is deployed.
  const lacking = async () => {
    new k8s.core.v1.ConfigMap('nowhere', { metadata: { namespace: 'no-such-namespace' } })
    new k8s.apiextensions.CustomResource('unknown', {
      apiVersion: 'no.such/v1',
      kind: 'Unknown',
      metadata: { namespace },
    })
  }
  expect(await stack.preview(lacking)).toEqual({ create: 3 })
  const said = await failure(lacking)
  expect(said).toContain('namespaces "no-such-namespace" not found')
  expect(said).toMatch(/no kind Unknown of no\.such\/v1\. Verify that any required CRDs have been created/)
  await stack.destroy()
})

test('without a cluster there is a preview and nothing else, unless the settings say what to do', async () => {
  const nowhere = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'x', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    'current-context': 'x',
  })
  await stack.up(program())
  const unreachable = /configured Kubernetes cluster is unreachable: .*ECONNREFUSED/
  const changed = (settings: k8s.ProviderArgs) =>
    program({ data: { a: '2' }, settings: { kubeconfig: nowhere, ...settings } })
  // The provider and the ConfigMap: another address is no other cluster when the cluster has a name.
  expect(await stack.preview(changed({}))).toEqual({ update: 2 })
  expect(await failure(changed({}))).toMatch(unreachable)
  await expect(stack.refresh()).rejects.toThrow(unreachable)
  expect(await stack.steps(changed({ skipUpdateUnreachable: true }))).toEqual({})
  expect(await stack.drift()).toEqual({})
  await expect(stack.stack.destroy()).rejects.toThrow(unreachable)
  expect((await suite.api.get(map)).data).toEqual({ a: '1' })
  expect(await stack.steps(changed({ deleteUnreachable: true, skipUpdateUnreachable: true }))).toEqual({})
  await stack.destroy()
  expect((await suite.api.get(map)).data).toEqual({ a: '1' })
})

test('reads what another made, and takes it in when it is told to', async () => {
  await applyAs('other', { a: '1', b: '2' })
  const importing = async () => {
    const read = k8s.core.v1.ConfigMap.get('read', `${namespace}/map`)
    new k8s.core.v1.ConfigMap('copy', { metadata: { name: 'copy', namespace }, data: read.data })
    new k8s.core.v1.ConfigMap(
      'map',
      { metadata: { name: 'map', namespace }, data: { a: '1', b: '2' } },
      { import: `${namespace}/map` },
    )
  }
  await stack.up(importing)
  expect((await suite.api.get(`${maps}/copy`)).data).toEqual({ a: '1', b: '2' })
  await stack.destroy()
  expect(await suite.api.find(map)).toBeUndefined()
})

test('deletes as the annotation says: what a Deployment made stays when it is an orphan', async () => {
  await stack.up(async () => {
    const matchLabels = { app: 'orphan' }
    new k8s.apps.v1.Deployment('orphan', {
      metadata: {
        name: 'orphan',
        namespace,
        annotations: { 'pulumi.com/skipAwait': 'true', 'pulumi.com/deletionPropagationPolicy': 'orphan' },
      },
      spec: {
        replicas: 0,
        selector: { matchLabels },
        template: { metadata: { labels: matchLabels }, spec: { containers: [{ name: 'c', image: 'none' }] } },
      },
    })
  })
  const sets = `/apis/apps/v1/namespaces/${namespace}/replicasets`
  const made = () => suite.api.get(sets).then(({ items }) => items as any[])
  await until('its ReplicaSet', async () => ((await made()).length === 1 ? true : undefined), {
    timeoutMs: 60_000,
  })
  await stack.destroy()
  const at = `/apis/apps/v1/namespaces/${namespace}/deployments/orphan`
  await until('the Deployment to go', async () => ((await suite.api.find(at)) ? undefined : true), {
    timeoutMs: 60_000,
  })
  const [set] = await made()
  expect(set.metadata.ownerReferences ?? []).toEqual([])
})

test('writes files in place of asking a cluster, and takes them away', async () => {
  const folder = join(scratch, 'rendered')
  await rm(folder, { recursive: true, force: true })
  const rendered = (value: string) => async () => {
    const provider = new k8s.Provider('files', { renderYamlToDirectory: folder })
    const data = { key: pulumi.secret(value) }
    new k8s.core.v1.ConfigMap('map', { metadata: { name: 'map', namespace }, data }, { provider })
  }
  await stack.up(rendered('one'))
  const file = join(folder, `1-manifest/v1-configmap-${namespace}-map.yaml`)
  expect(await readFile(file, 'utf8')).toContain('key: one')
  // It may have secrets.
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await stack.preview(rendered('one'))).toEqual({})
  await stack.up(rendered('two'))
  expect(await readFile(file, 'utf8')).toContain('key: two')
  expect(await suite.api.find(map)).toBeUndefined()
  await stack.destroy()
  expect(await readdir(join(folder, '1-manifest'))).toEqual([])
})
