import { apply, until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answeredByPod } from './answered-by-pod.ts'
import { environment, environmentName, type Fleet, openFleet } from './fleet.ts'
import { type Ask, http, openClient, startTraffic } from './traffic.ts'

let fleet: Fleet
const namespace = 'servlet-busy'
const patient = { timeoutMs: 590_000, everyMs: 1000 }
const pods = { min: 2, max: 4 }

/** How long each request keeps the event loop of its process. */
const busyMs = 200

/**
 * Clients of which each waits for its answer, and then half as long: together they keep 3.3 pods busy where nothing else takes time, and still 2.5 where
 * everything else takes as long again. Of the 60 % that a pod may be busy that is four pods and more; half of it would be three at most.
 */
const load = { connections: 5, pauseMs: 100 }

const contractText = `import { contract, endpoint } from '@atlas/contract'
import * as z from 'zod'

export const busy = contract('busy', {
  block: endpoint({
    route: 'GET /busy/{ms}',
    access: 'public',
    input: z.object({ ms: z.int().min(0).max(1000) }),
    output: z.object({ message: z.string() }),
  }),
})
`
// It keeps the loop without work for a processor: scalers see it by the one metric, and the machine of the tests does not suffer.
const servletText = `import { servlet } from '@atlas/sdk'
import { busy } from './contract.ts'

const nothing = new Int32Array(new SharedArrayBuffer(4))

export default servlet(busy, {
  block: async ({ ms }) => {
    Atomics.wait(nothing, 0, 0, ms)
    return { message: 'first' }
  },
})
`
// Scalers shrink after five quiet minutes. Here it is after seconds: what would be shrunk wrongly is seen, and nobody waits.
const programText = `import { join } from 'node:path'
import { readPlacement } from '@atlas/provision'
import { clusterProvider, ServletCluster, type Transform } from '@atlas/provision/pulumi'
import { getStack } from '@pulumi/pulumi'

const [servlet = '', environment = ''] = getStack().split('.')
const placement = await readPlacement(join(import.meta.dirname, '../..'), environment)
const scaleDown = { stabilizationWindowSeconds: 15, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }

const transform: Transform = (object) => {
  if (object.kind !== 'ScaledObject') return object
  const changed = structuredClone(object) as any
  changed.spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown = scaleDown
  return changed
}

new ServletCluster(servlet, { provisioned: placement.provisioned(servlet), transform }, { provider: clusterProvider(placement) })
`

/** The same over gRPC: its field 1 is 200, as a varint. */
const blockByGrpc: Ask = async (client) => {
  const { status, trailers } = await client.grpc('/busy.Busy/Block', Buffer.from([8, 0xc8, 1]))
  if (status !== 200 || trailers['grpc-status'] !== '0')
    throw new Error(`gRPC: ${status}, ${trailers['grpc-status']} ${trailers['grpc-message']}`)
  return 'gRPC'
}

beforeAll(async () => {
  fleet = await openFleet('scaling')
  const dir = 'packages/servlets/busy'
  await fleet.write(`${dir}/package.json`, {
    name: '@acme/busy',
    version: '0.1.0',
    private: true,
    type: 'module',
    sideEffects: false,
    exports: { './contract': './src/contract.ts' },
    dependencies: { '@atlas/contract': '*', '@atlas/sdk': '*', zod: '^4.6.7' },
  })
  await fleet.write(`${dir}/tsconfig.json`, { extends: '../../../tsconfig.base.json', include: ['src'] })
  await fleet.write(`${dir}/servlet.json`, { owner: 'web' })
  await fleet.write(`${dir}/src/contract.ts`, contractText)
  await fleet.write(`${dir}/src/servlet.ts`, servletText)
  await fleet.write('infra/fleet/index.ts', programText)
  done(await fleet.atlas('interface', 'busy'))
  done(await fleet.pulumi('platform', 'stack', 'init', environmentName))
  done(await fleet.pulumi('platform', 'up', '-s', environmentName, '--yes', '--skip-preview'))
})
afterAll(() => fleet?.close())

function done({ code, stdout, stderr }: { code: number | undefined; stdout: string; stderr: string }): void {
  expect(code, `${stdout}\n${stderr}`).toBe(0)
}

async function deploy(canary: boolean, version: string): Promise<void> {
  await fleet.write(`infra/environments/${environmentName}.json`, {
    ...environment,
    defaults: { limits: { cpu: '50m', replicas: pods }, rollout: { canary } },
  })
  await fleet.lock({ busy: await fleet.release('busy', version) })
  done(await fleet.atlas('deploy', '--env', environmentName))
}

const answers = () =>
  until(
    'an answer',
    async () => {
      const client = await openClient(fleet.running)
      try {
        return await http('/busy/1')(client)
      } finally {
        client.close()
      }
    },
    patient,
  )

/** Stands where the judge would, and confirms that a canary gets more traffic, and nothing else. */
async function confirmIncreases(): Promise<void> {
  const { image } = (await fleet.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/busy`)).spec
    .template.spec.containers[0]
  const answer = `require('node:http').createServer((asked, answer) => { answer.statusCode = asked.url === '/confirm-traffic-increase' ? 200 : 403; answer.end() }).listen(8080)`
  const metadata = { name: 'judge', namespace: 'atlas-system', labels: { app: 'judge' } }
  await apply(fleet.running, [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        containers: [{ name: 'judge', image, command: ['/usr/local/bin/node'], args: ['-e', answer] }],
        terminationGracePeriodSeconds: 0,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: 'judge' }, ports: [{ port: 8080 }] },
    },
  ])
}

async function ready(deployment: string): Promise<number> {
  const { status } = await fleet.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`)
  return status.readyReplicas ?? 0
}

/** How many pods the scaler wants, and by which of its metrics it is how much. */
async function scaler(name: string) {
  const { spec, status } = await fleet.api.get(
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`,
  )
  const metric = (type: string) => status.currentMetrics?.find((each: any) => each.type === type)
  const cpu = metric('Resource')?.resource.current.averageValue as string | undefined
  const target = spec.metrics.find((each: any) => each.type === 'Resource').resource.target.averageValue
  return {
    wanted: status.desiredReplicas as number,
    saturation: metric('External')?.external.metric.name as string | undefined,
    cpuMillis: cpu === undefined ? undefined : millisOf(cpu),
    cpuTargetMillis: millisOf(target),
  }
}

function millisOf(quantity: string): number {
  const [, digits, unit] = /^(\d+)([num]?)$/.exec(quantity)!
  return Number(digits) * { n: 1e-6, u: 1e-3, m: 1, '': 1000 }[unit!]!
}

const phase = async () =>
  (await fleet.api.get(`/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries/busy`)).status

/** What share of the traffic the route gives to the canary, in percent. Flagger's own status forgets it while it waits to promote. */
async function canaryPercent(): Promise<number> {
  const { spec } = await fleet.api.get(
    `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/busy`,
  )
  return spec.rules[0].backendRefs.find(({ name }: any) => name === 'busy-canary').weight
}

const grpcByPod = () => answeredByPod(fleet, 'busy', 'block', 'grpc')

describe('a servlet whose event loops are busy', () => {
  it('is not scaled by its start, though that takes many times the CPU that it asks for', async () => {
    await deploy(false, '0.1.0')
    await answers()
    let most = 0
    const began = performance.now()
    await until(
      'a minute and a half of the scaler',
      async () => {
        most = Math.max(most, (await scaler('keda-hpa-busy')).wanted)
        return performance.now() - began > 90_000 ? true : undefined
      },
      patient,
    )
    expect(most).toBe(pods.min)
  }, 1_500_000)

  it('gets more pods by that metric alone, which gRPC spreads over, and gives them back; no request fails', async () => {
    const traffic = await startTraffic(fleet.running, [http(`/busy/${busyMs}`), blockByGrpc], load)
    try {
      await until('more pods', async () => ((await ready('busy')) >= pods.max ? true : undefined), patient)
      const { saturation, cpuMillis, cpuTargetMillis } = await scaler('keda-hpa-busy')
      expect(saturation).toContain('prometheus')
      expect(cpuMillis).toBeLessThan(cpuTargetMillis)
      const before = await grpcByPod()
      // The clients' connections are those from before the new pods.
      await until(
        'every pod to answer gRPC',
        async () => {
          const more = [...(await grpcByPod())].map(([pod, count]) => count - (before.get(pod) ?? 0))
          return more.length >= pods.max && more.every((count) => count >= 20) ? true : undefined
        },
        { ...patient, why: async () => JSON.stringify([...(await grpcByPod())]) },
      )
    } finally {
      const { failures, refused, answers } = await traffic.stop()
      expect(failures).toEqual([])
      expect(refused).toBe(0)
      expect([...answers.keys()].sort()).toEqual(['gRPC', '{"message":"first"}'].sort())
    }
    const quiet = await startTraffic(fleet.running, [http('/busy/0')], { connections: 2, pauseMs: 50 })
    try {
      await until('fewer pods', async () => ((await ready('busy')) === pods.min ? true : undefined), patient)
    } finally {
      expect((await quiet.stop()).failures).toEqual([])
    }
  }, 1_500_000)
})

describe('with Flagger in place', () => {
  it('a loaded primary is not shrunk while a canary takes half of its traffic; no request fails', async () => {
    done(await fleet.pulumi('fleet', 'destroy', '-s', `busy.${environmentName}`, '--yes', '--skip-preview'))
    await deploy(true, '0.1.1')
    await confirmIncreases()
    await until(
      'the first release to be in place',
      async () => ((await phase())?.phase === 'Initialized' ? true : undefined),
      patient,
    )
    await answers()
    const traffic = await startTraffic(fleet.running, [http(`/busy/${busyMs}`)], load)
    try {
      await until(
        'more of the primary',
        async () => ((await ready('busy-primary')) >= pods.max ? true : undefined),
        patient,
      )
      await fleet.write(
        'packages/servlets/busy/src/servlet.ts',
        servletText.replace("message: 'first'", "message: 'second'"),
      )
      await deploy(true, '0.2.0')
      await until(
        'half of the traffic to go to the canary',
        async () => ((await canaryPercent()) === 50 ? true : undefined),
        { ...patient, why: async () => JSON.stringify(await phase()) },
      )
      // Nothing confirms a promotion, so it stays so: longer than the scaler looks back, and than it waits before it shrinks.
      const seen: number[] = []
      await until(
        'what the scaler makes of it',
        async () => {
          seen.push(await ready('busy-primary'))
          return seen.length >= 120 ? true : undefined
        },
        patient,
      )
      expect(Math.min(...seen)).toBe(pods.max)
      expect(await canaryPercent()).toBe(50)
    } finally {
      const { failures, refused, answers } = await traffic.stop()
      expect(failures).toEqual([])
      expect(refused).toBe(0)
      expect([...answers.keys()].sort()).toEqual(['{"message":"first"}', '{"message":"second"}'])
    }
  }, 1_500_000)
})
