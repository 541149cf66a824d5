import { readFile } from 'node:fs/promises'
import { push, remove } from '@atlas/tools-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from './images.ts'
import { everything, labels, namespace, type Variation } from './program-of-kinds.ts'
import { openSuite, type Steps, type Suite, type TestStack } from './stack.ts'

/** The laws of declared state, each for every kind: made and waited for, no change, drift, replacement, change in place, nothing left. */
let suite: Suite
let stack: TestStack

beforeAll(async () => {
  suite = await openSuite({ addons: ['gateway'] })
  await push(suite.running, [testServer])
  await removeLeftovers()
  stack = await suite.stack('kinds')
})

afterAll(async () => {
  await suite?.close()
})

const groups = {
  core: 'api/v1',
  apps: 'apis/apps/v1',
  batch: 'apis/batch/v1',
  policy: 'apis/policy/v1',
  networking: 'apis/networking.k8s.io/v1',
  autoscaling: 'apis/autoscaling/v2',
  rbac: 'apis/rbac.authorization.k8s.io/v1',
  gateway: 'apis/gateway.networking.k8s.io/v1',
  own: 'apis/test.atlas.dev/v1',
  kinds: 'apis/apiextensions.k8s.io/v1',
}

/** Where the objects of the program are, by their names in it, and what of each another hand may change. */
const objects: Record<string, { group: keyof typeof groups; plural: string; wide?: true; drift: object }> = {
  space: {
    group: 'core',
    plural: 'namespaces',
    wide: true,
    drift: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
  },
  settings: { group: 'core', plural: 'configmaps', drift: { data: { 'a.json': 'drifted' } } },
  secrets: { group: 'core', plural: 'secrets', drift: { data: { key: 'ZHJpZnRlZA==' } } },
  account: { group: 'core', plural: 'serviceaccounts', drift: { automountServiceAccountToken: true } },
  web: {
    group: 'apps',
    plural: 'deployments',
    drift: { spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } } },
  },
  service: {
    group: 'core',
    plural: 'services',
    drift: { spec: { selector: { 'atlas.dev/servlet': 'other' } } },
  },
  scaler: { group: 'autoscaling', plural: 'horizontalpodautoscalers', drift: { spec: { maxReplicas: 9 } } },
  budget: { group: 'policy', plural: 'poddisruptionbudgets', drift: { spec: { maxUnavailable: 2 } } },
  policy: {
    group: 'networking',
    plural: 'networkpolicies',
    drift: { spec: { ingress: [{ ports: [{ port: 9 }] }] } },
  },
  route: { group: 'gateway', plural: 'httproutes', drift: { spec: { hostnames: ['drifted.test'] } } },
  role: { group: 'rbac', plural: 'roles', drift: { rules: [] } },
  binding: { group: 'rbac', plural: 'rolebindings', drift: { subjects: [] } },
  'wide-role': { group: 'rbac', plural: 'clusterroles', wide: true, drift: { rules: [] } },
  'wide-binding': { group: 'rbac', plural: 'clusterrolebindings', wide: true, drift: { subjects: [] } },
  quota: { group: 'core', plural: 'resourcequotas', drift: { spec: { hard: { pods: '99' } } } },
  job: { group: 'batch', plural: 'jobs', drift: { spec: { ttlSecondsAfterFinished: 7_200 } } },
  definition: {
    group: 'kinds',
    plural: 'customresourcedefinitions',
    wide: true,
    drift: { spec: { names: { shortNames: ['dd'] } } },
  },
  judge: { group: 'own', plural: 'judges', drift: { spec: { steps: [99] } } },
}
const names = Object.keys(objects)

/** The same for each of these resources. */
const all = (of: readonly string[], step: string): Steps => Object.fromEntries(of.map((name) => [name, step]))

const list = ({ group, plural, wide }: (typeof objects)[string]) =>
  `/${groups[group]}${wide ? '' : `/namespaces/${namespace}`}/${plural}`

/** Ids of the objects as the engine knows them, by their names in the program. */
async function ids(): Promise<Map<string, string>> {
  const { deployment } = await stack.stack.exportStack()
  const resources = (deployment.resources as any[]).filter(({ type }) => type.startsWith('kubernetes:'))
  return new Map(resources.map(({ urn, id }) => [urn.split('::').at(-1), id]))
}

/** The path of each object, by its name in the program. */
async function paths(): Promise<Map<string, string>> {
  const entries = [...(await ids())].map(([name, id]): [string, string] => [
    name,
    `${list(objects[name]!)}/${id.split('/').at(-1)}`,
  ])
  return new Map(entries)
}

async function live(name: string): Promise<any> {
  return suite.api.get((await paths()).get(name)!)
}

/** What a run that was killed left: its state is gone. */
async function removeLeftovers(): Promise<void> {
  const { api } = suite
  await remove(api, `/api/v1/namespaces/${namespace}`)
  for (const name of ['wide-role', 'wide-binding']) {
    const at = list(objects[name]!)
    for (const { metadata } of (await api.get(at)).items) {
      if (metadata.name.startsWith(`${name}-`)) await remove(api, `${at}/${metadata.name}`)
    }
  }
  await remove(api, `${list(objects.definition!)}/judges.test.atlas.dev`)
}

const program =
  (variation: Variation = {}) =>
  () =>
    everything(variation)

test('makes every kind, and waits until it works', async () => {
  expect(await stack.preview(program())).toEqual({ create: names.length + 1 })
  expect(await stack.steps(program())).toEqual(all(names, 'create'))
  expect((await live('web')).status.availableReplicas).toBe(1)
  expect((await live('job')).status.succeeded).toBe(1)
  const known = await ids()
  expect(known.get('web')).toBe(`${namespace}/web`)
  expect(known.get('space')).toBe(namespace)
  expect(known.get('settings')).toMatch(/^kinds\/settings-[0-9a-f]{8}$/)
})

test('has nothing to do a second time, and finds no drift', async () => {
  expect(await stack.preview(program())).toEqual({})
  expect(await stack.steps(program())).toEqual({})
  expect(await stack.drift()).toEqual({})
  expect(await stack.preview(program())).toEqual({})
})

test('keeps secrets secret, also when they are read from the cluster', async () => {
  // As it is on disk: an export by the Automation API decrypts.
  const text = await readFile(
    new URL(`${suite.env.PULUMI_BACKEND_URL}/.pulumi/stacks/suite/kinds.json`),
    'utf8',
  )
  expect(text).toContain('settings-')
  expect(text).not.toContain('hush')
  expect(text).not.toContain(Buffer.from('hush').toString('base64'))
})

test('sees what another hand did to each, and repairs it', async () => {
  const at = await paths()
  // Data of a ConfigMap or a Secret cannot be changed back: see below.
  const changed = names.filter((name) => name !== 'settings' && name !== 'secrets')
  for (const name of changed) {
    const { drift } = objects[name]!
    await suite.api.ask(
      'PATCH',
      `${at.get(name)}?fieldManager=kubectl-edit`,
      drift,
      'application/merge-patch+json',
    )
  }
  expect(await stack.drift()).toEqual(all(changed, 'update'))
  expect(await stack.steps(program())).toEqual(all(changed, 'update'))
  expect(await stack.drift()).toEqual({})
  expect((await live('service')).spec.selector).toEqual(labels)
  expect((await live('judge')).spec.steps).toEqual([10, 30])
  expect((await live('definition')).spec.names.shortNames).toEqual(['jg'])
  expect((await live('binding')).subjects).toHaveLength(1)
})

test('sees what another hand took away, and makes it again', async () => {
  const gone = ['service', 'scaler', 'budget', 'policy', 'route', 'role', 'binding', 'wide-binding', 'judge']
  const at = await paths()
  for (const name of gone) await suite.api.ask('DELETE', at.get(name)!)
  for (const name of ['settings', 'secrets']) {
    await suite.api.ask('PATCH', at.get(name)!, objects[name]!.drift, 'application/merge-patch+json')
  }
  expect(await stack.drift()).toEqual({
    ...all(gone, 'delete'),
    ...all(['settings', 'secrets'], 'update'),
  })
  expect(await stack.steps(program())).toEqual({
    ...all(gone, 'create'),
    // A new one with the right data; those who name it follow, and a Job cannot.
    ...all(['settings', 'secrets', 'job'], 'replace'),
    web: 'update',
  })
  expect((await live('settings')).data).toEqual({ 'a.json': 'one' })
})

test('replaces exactly what cannot change, and what refers to it follows', async () => {
  const before = await ids()
  const address = (await live('service')).metadata.uid
  const changed = program({ data: 'two', secret: 'quiet', other: true })
  expect(await stack.steps(changed)).toEqual({
    ...all(['settings', 'secrets', 'job', 'service', 'binding', 'wide-binding'], 'replace'),
    web: 'update',
  })
  const after = await ids()
  // Made-up names are new, so that the old object stays until nothing refers to it.
  for (const name of ['settings', 'secrets', 'job', 'binding'])
    expect(after.get(name)).not.toBe(before.get(name))
  expect(after.get('service')).toBe(before.get('service'))
  expect((await live('service')).metadata.uid).not.toBe(address)
  const { items } = await suite.api.get(list(objects.settings!))
  const ours = items.filter(({ metadata }: any) => metadata.name.startsWith('settings-'))
  expect(ours.map(({ data }: any) => data)).toEqual([{ 'a.json': 'two' }])
})

test('changes everything else in place', async () => {
  const before = await ids()
  const tuned = program({ data: 'two', secret: 'quiet', other: true, tuned: true })
  expect(await stack.steps(tuned)).toEqual(all(names, 'update'))
  expect(await ids()).toEqual(before)
  expect((await live('definition')).spec.names.shortNames).toEqual(['jj'])
  expect(await stack.preview(tuned)).toEqual({})
})

test('leaves nothing', async () => {
  const at = await paths()
  // One has gone already.
  await suite.api.ask('DELETE', at.get('budget')!)
  await stack.destroy()
  for (const [, path] of at) expect(await suite.api.find(path)).toBeUndefined()
})
