import { type Api, type ApiError, remove } from '@atlas/tools-cluster'
import * as k8s from '@pulumi/kubernetes'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSuite, type Suite, type TestStack } from './stack.ts'

/** Who owns which field, and what follows from it: each row of the table that the provider was written from. */
let suite: Suite
let api: Api
let stack: TestStack
let number = 0

beforeAll(async () => {
  suite = await openSuite()
  api = suite.api
  await remove(api, path)
})

afterAll(() => suite?.close())

const newStack = async () => {
  stack = await suite.stack(`ownership-${++number}`)
  return () => stack.destroy()
}

const path = '/apis/apps/v1/namespaces/default/deployments/owned'
const skip = { 'pulumi.com/skipAwait': 'true' }
const labels = { app: 'owned' }

/** A Deployment without an image that exists: nothing here waits for pods. */
function program(
  options: { replicas?: number; env?: boolean; image?: string; annotations?: Record<string, string> } = {},
) {
  const { replicas, env = true, image = 'none/one', annotations = {} } = options
  return async () => {
    new k8s.apps.v1.Deployment('owned', {
      metadata: { name: 'owned', namespace: 'default', annotations: { ...skip, ...annotations } },
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'c', image, env: env ? [{ name: 'A', value: '1' }] : [] }] },
        },
      },
    })
  }
}

/** As an autoscaler does it: through the subresource. */
async function scale(replicas: number): Promise<void> {
  await api.ask(
    'PATCH',
    `${path}/scale?fieldManager=kube-controller-manager`,
    { spec: { replicas } },
    'application/merge-patch+json',
  )
}

const replicas = async () => (await api.get(path)).spec.replicas

describe('an object that was created', () => {
  beforeAll(async () => {
    const end = await newStack()
    await stack.up(program())
    return end
  })

  const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

  test('the creator owns what the server filled in, too', async () => {
    const { managedFields } = (await api.get(path)).metadata
    const creator = managedFields.find((entry: any) => entry.manager === 'pulumi-kubernetes')
    expect(creator.operation).toBe('Update')
    expect(creator.fieldsV1['f:spec']).toHaveProperty('f:replicas')
  })

  test('a dry run says what exists, which namespace does not, and what cannot change', async () => {
    const refusal = (asked: Promise<unknown>) =>
      asked.then(
        () => 'none',
        ({ status, message }: ApiError) => `${status} ${message}`,
      )
    const maps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`
    expect(await refusal(api.ask('POST', maps('default'), map('kube-root-ca.crt')))).toMatch(
      /^409 .*already exists/,
    )
    expect(await refusal(api.ask('POST', maps('no-such'), map('a')))).toMatch(
      /^404 .*namespaces "no-such" not found/,
    )
    const selector = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'owned' },
      spec: { selector: { matchLabels: { app: 'x' } } },
    }
    const query = 'fieldManager=another&force=true&dryRun=All'
    expect(
      await refusal(api.ask('PATCH', `${path}?${query}`, selector, 'application/apply-patch+yaml')),
    ).toMatch(/^422 .*field is immutable/)
  })

  test('a field that does not exist is dropped by a POST and refused by an apply', async () => {
    const unknown = { ...map('unknown'), nonsense: true }
    const answer = await api.ask('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', unknown)
    expect(answer).not.toHaveProperty('nonsense')
    await expect(
      api.ask(
        'PATCH',
        '/api/v1/namespaces/default/configmaps/unknown?fieldManager=a&dryRun=All',
        unknown,
        'application/apply-patch+yaml',
      ),
    ).rejects.toThrow(/field not declared in schema/)
  })
  test('without the move of ownership a change conflicts, and a removed field silently stays', async () => {
    const apply = (container: object) =>
      api.ask(
        'PATCH',
        `${path}?fieldManager=another`,
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'owned' },
          spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [container] } },
          },
        },
        'application/apply-patch+yaml',
      )
    await expect(apply({ name: 'c', image: 'none/two' })).rejects.toThrow(/pulumi-kubernetes/)
    await apply({ name: 'c', image: 'none/one' })
    expect((await api.get(path)).spec.template.spec.containers[0].env).toHaveLength(1)
  })
})

describe('an object that is made before what it needs', () => {
  beforeEach(newStack)

  test('waits for its namespace, though the program does not say that it needs it', async () => {
    const name = 'ownership-late'
    await remove(api, `/api/v1/namespaces/${name}`)
    await stack.up(async () => {
      new k8s.core.v1.ConfigMap('early', { metadata: { name: 'early', namespace: name } })
      // Later than the first attempt.
      const late = new Promise<string>((resolve) => setTimeout(resolve, 3_000, name))
      new k8s.core.v1.Namespace('late', { metadata: { name: late } })
    })
    expect(await api.find(`/api/v1/namespaces/${name}/configmaps/early`)).toBeDefined()
  })
})

describe('an object that is changed', () => {
  beforeEach(newStack)

  test('what an autoscaler set stays when the program never says replicas', async () => {
    await stack.up(program())
    await scale(5)
    // Who scales owns the field from then on, and who created it does not.
    const { managedFields } = (await api.get(path)).metadata
    const owners = managedFields.filter(({ fieldsV1 }: any) => fieldsV1['f:spec']?.['f:replicas'])
    expect(owners.map(({ manager, subresource }: any) => [manager, subresource])).toEqual([
      ['kube-controller-manager', 'scale'],
    ])
    expect(await stack.up(program({ image: 'none/two' }))).toEqual({ update: 1 })
    expect(await replicas()).toBe(5)
  })

  test('what an autoscaler set stays when the program stops saying replicas', async () => {
    await stack.up(program({ replicas: 2 }))
    await scale(5)
    await stack.up(program())
    expect(await replicas()).toBe(5)
  })

  test('replicas that nobody else set fall back to one when the program stops saying them', async () => {
    await stack.up(program({ replicas: 2 }))
    await stack.up(program())
    expect(await replicas()).toBe(1)
  })

  test('a program that says replicas against an autoscaler is told of the conflict, and wins by force only', async () => {
    await stack.up(program({ replicas: 2 }))
    await scale(5)
    await expect(stack.up(program({ replicas: 2, image: 'none/two' }))).rejects.toThrow(
      /apply conflict[\s\S]*kube-controller-manager/,
    )
    expect(await replicas()).toBe(5)
    const annotations = { 'pulumi.com/patchForce': 'true' }
    await stack.up(program({ replicas: 2, image: 'none/two', annotations }))
    expect(await replicas()).toBe(2)
  })

  test('with the move a removed field goes', async () => {
    await stack.up(program())
    await stack.up(program({ env: false }))
    expect((await api.get(path)).spec.template.spec.containers[0].env ?? []).toEqual([])
    const managers = (await api.get(path)).metadata.managedFields.filter((entry: any) => !entry.subresource)
    expect(managers.map(({ operation }: any) => operation)).not.toContain('Update')
  })

  test('ignored changes are left as another hand has them', async () => {
    const ignoring = (image: string) => async () => {
      new k8s.apps.v1.Deployment(
        'owned',
        {
          metadata: { name: 'owned', namespace: 'default', annotations: skip },
          spec: {
            replicas: 2,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } },
          },
        },
        { ignoreChanges: ['spec.replicas'] },
      )
    }
    await stack.up(ignoring('none/one'))
    await scale(4)
    expect(await stack.up(ignoring('none/two'))).toEqual({ update: 1 })
    expect(await replicas()).toBe(4)
  })

  test('a selector that changes means another object, made after the old one has gone', async () => {
    await stack.up(program())
    const { uid } = (await api.get(path)).metadata
    const other = { app: 'owned', more: 'x' }
    const changed = async () => {
      new k8s.apps.v1.Deployment('owned', {
        metadata: { name: 'owned', namespace: 'default', annotations: skip },
        spec: {
          selector: { matchLabels: other },
          template: { metadata: { labels: other }, spec: { containers: [{ name: 'c', image: 'none/one' }] } },
        },
      })
    }
    expect(await stack.preview(changed)).toEqual({ replace: 1 })
    expect(await stack.up(changed)).toEqual({ replace: 1 })
    expect((await api.get(path)).metadata.uid).not.toBe(uid)
  })
})
