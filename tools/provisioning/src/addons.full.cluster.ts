import { conditionIs, kubectl, until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, environmentName, type Fleet, openFleet } from './fleet.ts'

// An add-on of the cluster is taken away and comes back by pulumi up, so the cluster is this suite's own.

let fleet: Fleet
const file = 'infra/platform/addons/flagger.yaml'
const deployment = '/apis/apps/v1/namespaces/flagger-system/deployments/flagger'
const kind = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/canaries.flagger.app'
const platform = (...args: string[]) => fleet.pulumi('platform', ...args)

beforeAll(async () => {
  fleet = await openFleet('addons', process.env.ATLAS_TEST_CLUSTER ?? 'test-addons')
})
afterAll(() => fleet?.close())

function done({
  code,
  stdout,
  stderr,
}: {
  code: number | undefined
  stdout: string
  stderr: string
}): string {
  expect(code, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}

async function declare(addons: Record<string, string>): Promise<void> {
  await fleet.write(`infra/environments/${environmentName}.json`, { ...environment, addons })
}

/** Flagger as its project gives it out, with the image that this cluster has of it: what `up` has installed, without what the cluster wrote in. */
async function asGivenOut(): Promise<string> {
  const named = [
    'namespace/flagger-system',
    'crd/canaries.flagger.app',
    'crd/metrictemplates.flagger.app',
    'crd/alertproviders.flagger.app',
    'clusterrole/flagger',
    'clusterrolebinding/flagger',
  ]
  const own = ['serviceaccount/flagger', 'deployment/flagger']
  const documents: string[] = []
  for (const args of [named, ['-n', 'flagger-system', ...own]]) {
    const { stdout } = await kubectl(fleet.running, ['get', '-o', 'json', ...args])
    for (const { status: _, metadata, ...object } of JSON.parse(stdout).items) {
      const { name, namespace, labels } = metadata
      documents.push(JSON.stringify({ ...object, metadata: { name, namespace, labels } }))
    }
  }
  return documents.join('\n---\n')
}

describe('an add-on that a cluster does not bring', () => {
  it('is made by pulumi up, which is done when it is ready', async () => {
    await fleet.write(file, await asGivenOut())
    for (const path of [deployment, kind]) await fleet.api.ask('DELETE', path)
    await until('Flagger to be gone', async () => ((await fleet.api.find(kind)) ? undefined : true), {
      timeoutMs: 300_000,
      everyMs: 500,
    })
    await declare({ flagger: file })
    done(await platform('stack', 'init', environmentName))
    done(await platform('up', '-s', environmentName, '--yes', '--skip-preview'))
    expect(conditionIs(await fleet.api.get(deployment), 'Available')).toBe(true)
    expect(conditionIs(await fleet.api.get(kind), 'Established')).toBe(true)
  })

  it('stays what it is a second time', async () => {
    const before = await Promise.all([deployment, kind].map((path) => fleet.api.get(path)))
    // Not "no changes": one of Flagger's kinds is written again each time, as it is, by the stand-in of the provider.
    done(await platform('up', '-s', environmentName, '--yes', '--skip-preview'))
    const after = await Promise.all([deployment, kind].map((path) => fleet.api.get(path)))
    const whatItIs = ({ metadata, spec }: any) => ({
      uid: metadata.uid,
      generation: metadata.generation,
      spec,
    })
    expect(after.map(whatItIs)).toEqual(before.map(whatItIs))
  })

  it('is taken away when the environment does not name it any more, and the rest stays', async () => {
    await declare({})
    done(await platform('up', '-s', environmentName, '--yes', '--skip-preview'))
    expect(await fleet.api.find(deployment)).toBeUndefined()
    expect(await fleet.api.find(kind)).toBeUndefined()
    expect(
      await fleet.api.find('/apis/gateway.networking.k8s.io/v1/namespaces/atlas-system/gateways/public'),
    ).toBeDefined()
  })

  it('is refused where its file is missing, before anything changes', async () => {
    await declare({ keda: 'infra/platform/addons/keda.yaml' })
    const { code, stdout, stderr } = await platform('up', '-s', environmentName, '--yes', '--skip-preview')
    expect(code).not.toBe(0)
    expect(`${stdout}\n${stderr}`).toContain('infra/platform/addons/keda.yaml: cannot be read')
  })
})
