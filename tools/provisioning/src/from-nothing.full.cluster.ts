import { until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answeredByPod } from './answered-by-pod.ts'
import { environment, environmentName, type Fleet, leftIn, openFleet } from './fleet.ts'
import { killServlet } from './kill.ts'
import { greetByGrpc, http, openClient, startTraffic } from './traffic.ts'

// One environment through its life, so tests build on those before them.

let fleet: Fleet
const releases: Record<string, string> = {}
const environmentFile = `infra/environments/${environmentName}.json`
const deploy = (...args: string[]) => fleet.atlas('deploy', '--env', environmentName, ...args)
const hello = JSON.stringify({ message: 'Hello ada' })
const hi = JSON.stringify({ message: 'Hi ada' })

beforeAll(async () => {
  fleet = await openFleet('from-nothing')
  for (const servlet of ['greeter', 'legacy']) releases[servlet] = await fleet.release(servlet, '0.1.0')
  await fleet.lock(releases)
})
afterAll(() => fleet?.close())

/** What went wrong is worth more than "expected 0". */
function expectDone({ code, stdout, stderr }: { code: number | undefined; stdout: string; stderr: string }) {
  expect(code, `${stdout}\n${stderr}`).toBe(0)
}

const podsOf = async (servlet: string) =>
  (await fleet.api.get(`/api/v1/namespaces/servlet-${servlet}/pods`)).items.filter(
    ({ metadata }: any) => metadata.deletionTimestamp === undefined,
  )

/** Waits until as many pods as there should be are ready, and none goes. */
const settled = (servlet: string) =>
  until(
    `the pods of ${servlet} to be ready`,
    async () => {
      const { items } = await fleet.api.get(`/api/v1/namespaces/servlet-${servlet}/pods`)
      const good = items.every(
        ({ metadata, status }: any) =>
          metadata.deletionTimestamp === undefined &&
          status.conditions?.some(({ type, status }: any) => type === 'Ready' && status === 'True'),
      )
      return good && items.length >= 2 ? true : undefined
    },
    { timeoutMs: 300_000, everyMs: 500 },
  )

describe('an environment, from nothing', () => {
  it('is refused before anything is sent where the gateways are missing, with what to do', async () => {
    const { code, stderr } = await deploy()
    expect(code).toBe(3)
    expect(stderr).toContain(
      "has no gateway 'public' and no gateway 'internal' in atlas-system, so nothing would reach servlets; in infra/platform, run npx pulumi stack init test once, then npx pulumi up -s test",
    )
    expect(await leftIn(fleet.api)).toEqual([])
  })

  it('is made by pulumi up: what is shared by hand, servlets by atlas deploy', async () => {
    expectDone(await fleet.pulumi('platform', 'stack', 'init', environmentName))
    expectDone(await fleet.pulumi('platform', 'up', '-s', environmentName, '--yes', '--skip-preview'))
    const deployed = await deploy('--json')
    expectDone(deployed)
    expect(JSON.parse(deployed.stdout)).toMatchObject({
      ok: true,
      servlets: [
        { servlet: 'greeter', why: 'new', ok: true },
        { servlet: 'legacy', why: 'new', ok: true },
      ],
    })
  })

  it('answers through the public gateway, over HTTP and gRPC', async () => {
    const answered = (path: string, text: RegExp | string) =>
      until(
        `an answer to ${path}`,
        async () => {
          const client = await openClient(fleet.running)
          try {
            expect(await http(path)(client)).toMatch(text)
            return true
          } finally {
            client.close()
          }
        },
        { timeoutMs: 300_000, everyMs: 500 },
      )
    await answered('/greet/ada', hello)
    await answered('/legacy', /./)
    const client = await openClient(fleet.running)
    expect(await greetByGrpc(client)).toBe('Hello ada')
    expect((await client.get('/nowhere')).status).toBe(404)
    client.close()
  })

  it('has nothing to do a second time, and no drift', async () => {
    const again = await deploy('--json')
    expectDone(again)
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, servlets: [], same: ['greeter', 'legacy'] })
    for (const [project, stack] of [
      ['platform', environmentName],
      ['fleet', `greeter.${environmentName}`],
    ] as const) {
      const args = ['-s', stack, '--yes', '--skip-preview', '--expect-no-changes']
      expectDone(await fleet.pulumi(project, 'up', ...args))
      expectDone(await fleet.pulumi(project, 'refresh', ...args))
    }
    expectDone(await fleet.atlas('diff', '--env', environmentName))
  })

  it('shows what another hand changed, and repairs it', async () => {
    const path = '/apis/policy/v1/namespaces/servlet-greeter/poddisruptionbudgets/greeter'
    const change = { spec: { maxUnavailable: 2 } }
    await fleet.api.ask('PATCH', `${path}?fieldManager=kubectl-edit`, change, 'application/merge-patch+json')
    const { code, stdout } = await fleet.atlas('diff', '--env', environmentName)
    expect(code).toBe(1)
    expect(stdout).toContain('greeter  PodDisruptionBudget/greeter')
    expect(stdout).toContain('spec.maxUnavailable: is 2, should be 1')
    const stack = ['-s', `greeter.${environmentName}`, '--yes', '--skip-preview']
    expectDone(await fleet.pulumi('fleet', 'up', ...stack, '--refresh'))
    expectDone(await fleet.atlas('diff', '--env', environmentName))
  })

  it('refuses a wrong file before anything is sent, with file and field', async () => {
    await fleet.write(environmentFile, { ...environment, defaults: { limits: { cpu: 'much' } } })
    const { code, stderr } = await deploy('--all')
    expect(code).toBe(1)
    expect(stderr).toContain(`${environmentFile} (defaults.limits.cpu)`)
    await fleet.write(environmentFile, environment)
    expectDone(await fleet.atlas('diff', '--env', environmentName))
  })
})

describe('a servlet with traffic, and clients that ask once', () => {
  const asks = [http('/greet/ada'), greetByGrpc]

  it('loses no request while a release replaces the one before; a second deployment hears who holds the lock', async () => {
    const servlet = await fleet.read('packages/servlets/greeter/src/servlet.ts')
    await fleet.write('packages/servlets/greeter/src/servlet.ts', servlet.replace('Hello', 'Hi'))
    releases.greeter = await fleet.release('greeter', '0.2.0')
    await fleet.lock(releases)
    const traffic = await startTraffic(fleet.running, asks, { connections: 2, pauseMs: 30 })
    try {
      const first = fleet.startAtlas('deploy', '--env', environmentName)
      await first.said(/greeter {2}begins/)
      const second = await until(
        'a second deployment that is refused',
        async () => {
          const { code, stdout } = await deploy('greeter', '--all', '--json')
          return code === 3 ? (JSON.parse(stdout) as any) : undefined
        },
        { timeoutMs: 120_000, everyMs: 100 },
      )
      expect(second.servlets[0].reason).toMatch(
        /^another deployment runs: the lock of the stack is held by \S+@\S+ \(pid \d+\)/,
      )
      expectDone(await first.ended)
      await settled('greeter')
      const before = traffic.soFar()
      await until('more traffic', async () => (traffic.soFar() > before + 50 ? true : undefined), {
        timeoutMs: 60_000,
      })
    } finally {
      const { answers, failures } = await traffic.stop()
      expect(failures).toEqual([])
      expect([...answers.keys()].sort()).toEqual([hello, hi, 'Hello ada', 'Hi ada'].sort())
    }
  })

  it('loses none while pods are drained one after another, and one is deleted; others take their places', async () => {
    const traffic = await startTraffic(fleet.running, asks, { connections: 2, pauseMs: 30 })
    const before = (await podsOf('greeter')).map(({ metadata }: any) => metadata.name as string)
    try {
      for (const [index, name] of before.entries()) {
        const path = `/api/v1/namespaces/servlet-greeter/pods/${name}`
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } }
        // The disruption budget holds the second one back until the first is replaced.
        if (index < before.length - 1)
          await until(
            `the eviction of ${name}`,
            async () => (await fleet.api.ask('POST', `${path}/eviction`, eviction)) ?? true,
            { timeoutMs: 300_000, everyMs: 500 },
          )
        else {
          await settled('greeter')
          await fleet.api.ask('DELETE', path)
        }
      }
      await until(
        'other pods',
        async () => {
          const names = (await podsOf('greeter')).map(({ metadata }: any) => metadata.name)
          return names.length >= 2 && names.every((name: string) => !before.includes(name)) ? true : undefined
        },
        { timeoutMs: 300_000, everyMs: 500 },
      )
      await settled('greeter')
    } finally {
      const { total, failures, refused } = await traffic.stop()
      expect(failures).toEqual([])
      expect(total - refused).toBeGreaterThan(50)
    }
  })
})

describe('a servlet whose process is killed without a warning', () => {
  it('loses at most what that process was doing, and nothing after it', async () => {
    await settled('greeter')
    const [pod] = await podsOf('greeter')
    const connections = 2
    const asks = [http('/greet/ada'), greetByGrpc]
    const traffic = await startTraffic(fleet.running, asks, { connections, pauseMs: 30 })
    const more = async () => {
      const before = traffic.soFar()
      await until('more traffic', async () => (traffic.soFar() > before + 50 ? true : undefined), {
        timeoutMs: 60_000,
      })
    }
    try {
      // The gateway hears of a pod a moment after it is ready, and only then has another one to send to.
      await until(
        'every pod to answer',
        async () => {
          const counts = [...(await answeredByPod(fleet, 'greeter', 'greet')).values()]
          return counts.length >= 2 && counts.every((count) => count >= 10) ? true : undefined
        },
        { timeoutMs: 300_000, everyMs: 500 },
      )
      await killServlet(pod.metadata.uid)
      await until(
        'the process to be started again',
        async () => {
          const { status } = await fleet.api.get(
            `/api/v1/namespaces/servlet-greeter/pods/${pod.metadata.name}`,
          )
          return status.containerStatuses[0].restartCount > 0 && status.containerStatuses[0].ready
            ? true
            : undefined
        },
        { timeoutMs: 300_000, everyMs: 200 },
      )
      await more()
    } finally {
      // Each connection has one request at a time. What a process had begun only its caller may send again.
      const { failures } = await traffic.stop()
      expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(asks.length * connections)
    }
  })
})

describe('a deployment that is killed', () => {
  it('in the middle of the first one converges when it is run again', async () => {
    expectDone(
      await fleet.pulumi('fleet', 'destroy', '-s', `legacy.${environmentName}`, '--yes', '--skip-preview'),
    )
    const killed = fleet.startAtlas('deploy', '--env', environmentName)
    // The namespace is there, and what depends on it is on its way.
    await killed.said(/legacy {2}.*Namespace.*created/)
    killed.kill()
    expect((await killed.ended).code).toBeUndefined()
    const again = await deploy('--json')
    expectDone(again)
    expect(JSON.parse(again.stdout)).toMatchObject({
      servlets: [{ servlet: 'legacy', why: 'unfinished', ok: true }],
      same: ['greeter'],
    })
    expectDone(await fleet.atlas('diff', '--env', environmentName))
  })

  it('in the middle of an update converges, on what was wanted and on what is wanted now', async () => {
    const changed = {
      ...environment,
      defaults: { ...environment.defaults, limits: { cpu: '60m', replicas: { min: 2, max: 4 } } },
    }
    await fleet.write(environmentFile, changed)
    const killed = fleet.startAtlas('deploy', 'legacy', '--env', environmentName)
    await killed.said(/legacy {2}.* updated/)
    killed.kill()
    await killed.ended
    // Back to what the record of before says: that there is something to do is seen all the same.
    await fleet.write(environmentFile, environment)
    const again = await deploy('--json')
    expectDone(again)
    expect(JSON.parse(again.stdout).servlets).toMatchObject([{ servlet: 'legacy', why: 'unfinished' }])
    expectDone(await fleet.atlas('diff', '--env', environmentName))
  })
})

describe('what is no longer wanted', () => {
  it('is listed, and goes when that is asked for', async () => {
    await fleet.lock({ greeter: releases.greeter! })
    const listed = await deploy()
    expectDone(listed)
    expect(listed.stderr).toContain('in the cluster, and not in the lock: legacy')
    const unasked = await deploy('--prune', '--json')
    expect(unasked.code).toBe(2)
    expect(unasked.stderr + unasked.stdout).toContain('add --yes to --prune')
    const pruned = await deploy('--prune', '--yes', '--json')
    expectDone(pruned)
    expect(JSON.parse(pruned.stdout)).toMatchObject({ pruned: [{ servlet: 'legacy', ok: true }] })
    expect(await fleet.api.find('/api/v1/namespaces/servlet-legacy')).toBeUndefined()
  })

  it('leaves nothing when stacks are destroyed', async () => {
    const all = ['--yes', '--skip-preview']
    expectDone(await fleet.pulumi('fleet', 'destroy', '-s', `greeter.${environmentName}`, ...all))
    expectDone(await fleet.pulumi('platform', 'destroy', '-s', environmentName, ...all))
    expect(await leftIn(fleet.api)).toEqual([])
    await until(
      'the proxies of gateways to be gone',
      async () => {
        const selector = 'gateway.envoyproxy.io%2Fowning-gateway-namespace%3Datlas-system'
        const list = await fleet.api.get(
          `/apis/apps/v1/namespaces/envoy-gateway-system/deployments?labelSelector=${selector}`,
        )
        return list.items.length === 0 ? true : undefined
      },
      { timeoutMs: 300_000 },
    )
  })
})
