import * as pulumi from '@pulumi/pulumi'
import { beforeEach, describe, expect, it } from 'vitest'
import { provisionedOf } from '../fixtures.ts'
import { PlatformBase, ServletCluster } from './index.ts'

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
async function urnsOf(component: ServletCluster | PlatformBase): Promise<string[]> {
  const resources = [component, ...component.objects.values()]
  const outputs = resources.map(({ urn }) => new Promise<string>((resolve) => urn.apply(resolve)))
  return (await Promise.all(outputs)).sort()
}

beforeEach(() => {
  registered = []
})

describe('the components', () => {
  it.each([
    ['servlet', () => new ServletCluster('greeter', { provisioned: greeter })],
    ['servlet-without-canary', () => new ServletCluster('greeter', { provisioned: plain })],
    ['platform', () => new PlatformBase('platform', { environment: greeter.environment })],
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
