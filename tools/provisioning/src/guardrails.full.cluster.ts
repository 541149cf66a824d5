import { kubectl, until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, environmentName, type Fleet, openFleet } from './fleet.ts'

let fleet: Fleet
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const environmentFile = `infra/environments/${environmentName}.json`

/** What `atlas render` writes, by servlet. */
async function rendered(): Promise<Map<string, any[]>> {
  const { code, stdout, stderr } = await fleet.atlas('render', '--env', environmentName, '--json')
  expect(code, stderr).toBe(0)
  return new Map(JSON.parse(stdout).servlets.map(({ name, objects }: any) => [name, objects]))
}

/** Asks the API server whether it takes objects, as strictly as it can; nothing is made. Resolves with what it says against them. */
async function refusalOf(objects: readonly unknown[]): Promise<string> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const flags = ['--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts']
  return kubectl(fleet.running, ['apply', ...flags, '-f', '-'], list).then(
    () => '',
    (error: { stderr?: string; message: string }) => error.stderr ?? error.message,
  )
}

beforeAll(async () => {
  fleet = await openFleet('guardrails')
  // The policies alone: gateways are another suite's.
  await fleet.write(environmentFile, { ...environment, brings: ['gateways'] })
  for (const args of [
    ['stack', 'init', environmentName],
    ['up', '-s', environmentName, '--yes', '--skip-preview'],
  ]) {
    const { code, stdout, stderr } = await fleet.pulumi('platform', ...args)
    expect(code, `${stdout}\n${stderr}`).toBe(0)
  }
  const { stdout } = await fleet.atlas('list', '--json')
  const servlets: { name: string; version: string }[] = JSON.parse(stdout).servlets
  expect(servlets.length).toBeGreaterThanOrEqual(9)
  await fleet.lock(Object.fromEntries(servlets.map(({ name, version }) => [name, `${version}@${digest}`])))
  // What is checked without being made needs the namespaces that it would be in, and the accounts that pods would have.
  const servletsOnly = [...(await rendered())].filter(([name]) => name !== 'platform')
  const ofKind = (kind: string) =>
    servletsOnly.flatMap(([, objects]) => objects.filter((object) => object.kind === kind))
  const namespaces = ofKind('Namespace')
  for (const items of [namespaces, ofKind('ServiceAccount')]) {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await kubectl(fleet.running, ['apply', '--server-side', '-f', '-'], list)
  }
  await until(
    'the policies to be in force',
    async () =>
      (await refusalOf([{ ...namespaces[0], metadata: { ...namespaces[0].metadata, name: 'x' } }])) === ''
        ? undefined
        : true,
    { timeoutMs: 120_000 },
  )
})
afterAll(() => fleet?.close())

describe('every object of every servlet', () => {
  it.each([true, false])(
    'is what the API server takes, with strict validation (judged: %s)',
    async (canary) => {
      await fleet.write(environmentFile, {
        ...environment,
        defaults: { ...environment.defaults, rollout: { canary } },
      })
      const all = await rendered()
      expect([...all.keys()]).toEqual(expect.arrayContaining(['platform', 'greeter', 'files']))
      expect(all.get('greeter')!.some(({ kind }) => kind === (canary ? 'Canary' : 'HTTPRoute'))).toBe(true)
      for (const [servlet, objects] of all) expect(await refusalOf(objects), servlet).toBe('')
    },
  )

  it('would be refused if it had a field that there is not', async () => {
    const objects = (await rendered()).get('greeter')!
    for (const kind of ['Deployment', 'ScaledObject', 'PrometheusRule', 'HTTPRoute']) {
      const object = objects.find((each) => each.kind === kind)
      expect(await refusalOf([{ ...object, spec: { ...object.spec, surprise: 1 } }]), kind).toMatch(
        /surprise/,
      )
    }
  })
})

describe('the cluster refuses', () => {
  let objects: any[]
  beforeAll(async () => {
    await fleet.write(environmentFile, environment)
    objects = (await rendered()).get('greeter')!
  })
  const one = (kind: string) => structuredClone(objects.find((each) => each.kind === kind))
  const deployment = (change: (spec: any, template: any) => void) => {
    const made = one('Deployment')
    change(made.spec.template.spec, made.spec.template)
    return made
  }
  const pod = (change: (spec: any, metadata: any) => void) => {
    const { metadata, spec } = one('Deployment').spec.template
    const made = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: 'one', namespace: 'servlet-greeter' },
      spec: { ...spec, topologySpreadConstraints: undefined },
    }
    change(made.spec, made.metadata)
    return made
  }
  const namespace = (change: (metadata: any) => void) => {
    const made = one('Namespace')
    change(made.metadata)
    return made
  }
  const route = (change: (spec: any) => void) => {
    const made = one('HTTPRoute')
    change(made.spec)
    return made
  }
  const owner = 'atlas.dev/owner'
  const enforce = 'pod-security.kubernetes.io/enforce'

  it('nothing of what is made for a servlet', async () => {
    for (const fine of [deployment(() => {}), pod(() => {}), namespace(() => {}), route(() => {})])
      expect(await refusalOf([fine]), fine.kind).toBe('')
  })

  it.each<[string, () => unknown, string]>([
    [
      'an image by its tag',
      () => deployment((spec) => (spec.containers[0].image = '127.0.0.1:5000/atlas/greeter:1')),
      'images not named by their digest: 127.0.0.1:5000/atlas/greeter:1',
    ],
    [
      'the same in a pod that no Deployment made',
      () => pod((spec) => (spec.containers[0].image = '127.0.0.1:5000/atlas/greeter:1')),
      'images not named by their digest',
    ],
    [
      'an init container by its tag',
      () =>
        deployment(
          (spec) =>
            (spec.initContainers = [
              {
                ...spec.containers[0],
                name: 'first',
                image: 'a:1',
                startupProbe: undefined,
                readinessProbe: undefined,
                livenessProbe: undefined,
                ports: undefined,
              },
            ]),
        ),
      'images not named by their digest: a:1',
    ],
    [
      'a container without requests',
      () => deployment((spec) => delete spec.containers[0].resources.requests),
      'containers without requests of cpu and memory and a limit of memory: servlet',
    ],
    [
      'a container that may write to its root',
      () => deployment((spec) => delete spec.containers[0].securityContext.readOnlyRootFilesystem),
      'containers that may write to their root: servlet',
    ],
    [
      'pods of another servlet',
      () => deployment((_, template) => (template.metadata.labels['atlas.dev/servlet'] = 'files')),
      "the label atlas.dev/servlet is 'files', and the servlet of this namespace is 'greeter'",
    ],
    [
      'pods of another owner',
      () => deployment((_, template) => (template.metadata.labels[owner] = 'storage')),
      "the label atlas.dev/owner is 'storage', and the owner of this namespace is 'web'",
    ],
    [
      'pods without an owner',
      () => pod((_, metadata) => delete metadata.labels[owner]),
      "the label atlas.dev/owner is '', and the owner of this namespace is 'web'",
    ],
    [
      'privileged pods',
      () =>
        pod(
          (spec) => (spec.containers[0].securityContext = { readOnlyRootFilesystem: true, privileged: true }),
        ),
      'violates PodSecurity "restricted',
    ],
    [
      'pods in the network of the node',
      () => pod((spec) => (spec.hostNetwork = true)),
      'violates PodSecurity "restricted',
    ],
    [
      'a namespace of another name',
      () => namespace((metadata) => (metadata.name = 'servlet-other')),
      'the namespace of a servlet is called servlet-NAME',
    ],
    [
      'a namespace without an owner',
      () => namespace((metadata) => delete metadata.labels[owner]),
      'nobody owns it',
    ],
    [
      'a namespace that is not restricted',
      () => namespace((metadata) => (metadata.labels[enforce] = 'baseline')),
      'pods of servlets are restricted',
    ],
    [
      'a route of another host',
      () => route((spec) => (spec.hostnames = ['bank.example'])),
      'claims the hosts [bank.example]',
    ],
    ['a route of every host', () => route((spec) => delete spec.hostnames), 'claims the hosts []'],
    [
      "a route of another servlet's path",
      () => route((spec) => (spec.rules[0].matches[0].path.value = '/files')),
      'a rule matches something else than the path prefixes [/greet, /greeter.Greeter/]',
    ],
    [
      'a route of a path by a pattern',
      () =>
        route((spec) => (spec.rules[0].matches[0].path = { type: 'RegularExpression', value: '/greet.*' })),
      'a rule matches something else than the path prefixes',
    ],
    [
      'a route of everything',
      () => route((spec) => delete spec.rules[0].matches),
      'a rule matches something else than the path prefixes',
    ],
  ])('%s', async (_, make, message) => {
    expect(await refusalOf([make()])).toContain(message)
  })
})
