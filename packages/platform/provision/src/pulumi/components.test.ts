import * as pulumi from '@pulumi/pulumi'
import { beforeEach, describe, expect, it } from 'vitest'
import { provisionedOf } from '../fixtures.ts'
import { PlatformAddon, PlatformBase, ServletCluster } from './index.ts'

interface Registered {
  readonly urn: string
  readonly inputs: any
  readonly parent: string
}

let registered: Registered[] = []
await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => {
      const urn = `${type}::${name}`
      registered.push({ urn, inputs, parent: '' })
      return { id: `${name}-id`, state: inputs }
    },
    call: ({ inputs }) => inputs,
  },
  'fleet',
  'greeter.prod',
)

const greeter = provisionedOf('greeter', { owner: 'web' }, { routes: ['GET /greet/{name}'] })
const plain = provisionedOf('greeter', { owner: 'web', rollout: { canary: false } })

/** URNs of everything that a component registered. */
async function urnsOf(component: ServletCluster | PlatformBase | PlatformAddon): Promise<string[]> {
  const resources = [component, ...component.objects.values()]
  const outputs = resources.map(({ urn }) => new Promise<string>((resolve) => urn.apply(resolve)))
  return (await Promise.all(outputs)).sort()
}

const in2 = (kind: string, namespace: string, name = 'keda') => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, namespace },
})
/** What add-ons are made of, in an order in which it could not be made. */
const keda = {
  name: 'keda',
  objects: [
    { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.keda' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'keda-operator', namespace: 'keda' },
      spec: { selector: { matchLabels: { app: 'keda' } }, template: {} },
    },
    in2('Role', 'keda'),
    in2('Role', 'kube-system'),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'certs', namespace: 'keda' } },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'scaledobjects.keda.sh' },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'keda', namespace: 'keda' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keda' } },
  ],
}

beforeEach(() => {
  registered = []
})

describe('the components', () => {
  it.each([
    ['servlet', () => new ServletCluster('greeter', { provisioned: greeter })],
    ['servlet-without-canary', () => new ServletCluster('greeter', { provisioned: plain })],
    ['platform', () => new PlatformBase('platform', { environment: greeter.environment })],
    ['addon', () => new PlatformAddon('keda', { addon: keda })],
  ])('of a %s have the URNs that stacks know them by', async (name, make) => {
    const urns = await urnsOf(make())
    expect(new Set(urns).size).toBe(urns.length)
    await expect(`${urns.join('\n')}\n`).toMatchFileSnapshot(`../golden/urns-${name}.golden`)
  })

  it('send the objects as they are, and never replicas', async () => {
    await urnsOf(new ServletCluster('greeter', { provisioned: greeter }))
    const deployment = registered.find(({ urn }) => urn.startsWith('kubernetes:apps/v1:Deployment'))!
    expect(deployment.inputs.spec.template.spec.containers[0].image).toBe(greeter.release.image)
    expect(deployment.inputs.spec).not.toHaveProperty('replicas')
  })

  it('own their fields by one name, whichever run made them', async () => {
    const component = new ServletCluster('greeter', { provisioned: plain })
    await urnsOf(component)
    const managers = registered
      .filter(({ urn }) => urn.startsWith('kubernetes:'))
      .map(({ inputs }) => inputs.metadata.annotations['pulumi.com/patchFieldManager'])
    expect(managers).toEqual(Array.from(component.objects, () => 'atlas'))
  })

  it('let a transform change an object, and leave one out', async () => {
    const component = new ServletCluster('greeter', {
      provisioned: greeter,
      transform: (object) => {
        if (object.kind === 'PodMonitor') return undefined
        if (object.kind !== 'Deployment') return object
        return { ...object, metadata: { ...object.metadata, annotations: { note: 'ours' } } }
      },
    })
    await urnsOf(component)
    expect([...component.objects.keys()]).not.toContain('PodMonitor/greeter')
    const deployment = registered.find(({ urn }) => urn.startsWith('kubernetes:apps/v1:Deployment'))!
    expect(deployment.inputs.metadata.annotations).toMatchObject({ note: 'ours' })
  })

  it('make kinds and namespaces of an add-on before what is of them, and what the API server asks last', async () => {
    const addon = new PlatformAddon('keda-in-order', { addon: keda })
    await urnsOf(addon)
    const kinds = registered.map(({ urn }) => urn.split('::')[0]!.split(':').at(-1)!)
    const at = (kind: string) => kinds.indexOf(kind)
    for (const first of ['CustomResourceDefinition', 'Namespace'])
      expect(at(first)).toBeLessThan(Math.min(at('ServiceAccount'), at('Role'), at('Secret')))
    expect(at('Deployment')).toBeGreaterThan(Math.max(at('ServiceAccount'), at('Role'), at('Secret')))
    expect(at('APIService')).toBe(kinds.length - 1)
    expect([...addon.objects.keys()]).toEqual(
      expect.arrayContaining(['Role/keda-keda', 'Role/kube-system-keda']),
    )
  })

  it('leave out what a cluster brings itself', () => {
    const { environment } = greeter
    const kinds = (without: ('gateways' | 'admission')[]) =>
      [...new PlatformBase(`p${without.length}${without[0]}`, { environment, without }).objects.keys()].map(
        (key) => key.split('/')[0],
      )
    expect(kinds(['gateways', 'admission'])).toEqual(['Namespace'])
    expect(kinds(['gateways'])).not.toContain('Gateway')
    expect(kinds(['gateways'])).toContain('ValidatingAdmissionPolicy')
    expect(kinds(['admission'])).toContain('Gateway')
  })
})
