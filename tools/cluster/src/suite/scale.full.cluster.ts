import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, until } from '../api.ts'
import { end, exclusively, openApi } from '../cluster.ts'
import { identity } from '../name.ts'
import { conditionIs } from '../ready.ts'
import { up } from '../up.ts'

/** A control plane that kwok plays nodes and pods to: thousands of pods are scheduled, rolled out, kept and taken away. */
const which = identity(join(import.meta.dirname, '../../../..'), 'test-scale')
const nodes = 20
const deployments = 20
const pods = 2_000
/** With others on the machine, two cores took 150 s. */
const timeoutMs = 540_000
const path = '/apis/apps/v1/namespaces/default/deployments'
let api: Api

beforeAll(async () => {
  await exclusively(which, () => end(which))
  api = await openApi(await up(which, { controlPlane: true }))
})

afterAll(async () => {
  api?.close()
  await exclusively(which, () => end(which))
})

const deployment = (number: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `played-${number}` },
  spec: {
    replicas: pods / deployments,
    selector: { matchLabels: { app: `played-${number}` } },
    template: {
      metadata: { labels: { app: `played-${number}` } },
      spec: { containers: [{ name: 'nothing', image: 'none' }] },
    },
  },
})

/** A number of every Deployment's status, added up. */
async function sum(key: string): Promise<number> {
  const { items } = await api.get(path)
  return items.reduce((all: number, { status }: any) => all + (status[key] ?? 0), 0)
}

async function allReady(): Promise<void> {
  await until(
    `${pods} pods to be ready`,
    async () => ((await sum('readyReplicas')) === pods ? true : undefined),
    {
      timeoutMs,
      everyMs: 2_000,
      why: async () => `${await sum('replicas')} pods were made, ${await sum('readyReplicas')} are ready`,
    },
  )
}

async function podNames(): Promise<string[]> {
  const { items } = await api.get('/api/v1/namespaces/default/pods')
  return items.map(({ metadata }: any) => metadata.name)
}

test('thousands of pods become ready, on all nodes', async () => {
  for (let number = 0; number < nodes; number++) {
    const name = `node-${number}`
    const labels = { 'kubernetes.io/hostname': name }
    await api.ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
  }
  for (let number = 0; number < deployments; number++) await api.ask('POST', path, deployment(number))
  await allReady()
  const { items } = await api.get('/api/v1/namespaces/default/pods')
  expect(items).toHaveLength(pods)
  expect(new Set(items.map(({ spec }: any) => spec.nodeName)).size).toBe(nodes)
  expect(new Set(items.map(({ metadata }: any) => metadata.uid)).size).toBe(pods)
})

test('pods stay ready: their nodes say that they live', async () => {
  const names = new Set(await podNames())
  // The controllers give up on a node that is silent for 50 s.
  await sleep(75_000)
  const { items } = await api.get('/api/v1/nodes')
  expect(items.filter((node: unknown) => conditionIs(node, 'Ready'))).toHaveLength(nodes)
  expect(await sum('readyReplicas')).toBe(pods)
  expect((await podNames()).every((name) => names.has(name))).toBe(true)
})

test('a rollout replaces the pods of one Deployment and leaves those of the others', async () => {
  const before = await podNames()
  const change = { spec: { template: { spec: { containers: [{ name: 'nothing', image: 'another' }] } } } }
  await api.ask('PATCH', `${path}/played-0`, change, 'application/strategic-merge-patch+json')
  const wanted = pods / deployments
  await until(
    'the new version',
    async () => {
      const { metadata, status } = await api.get(`${path}/played-0`)
      const { observedGeneration, updatedReplicas, readyReplicas, replicas } = status
      const done = [updatedReplicas, readyReplicas, replicas].every((count) => count === wanted)
      return done && observedGeneration === metadata.generation ? true : undefined
    },
    { timeoutMs, everyMs: 1_000 },
  )
  const after = new Set(await podNames())
  const gone = before.filter((name) => !after.has(name))
  expect(gone).toHaveLength(wanted)
  expect(gone.every((name) => name.startsWith('played-0-'))).toBe(true)
})

test('what is scaled to nothing is gone', async () => {
  for (let number = 0; number < deployments; number++) {
    await api.ask(
      'PATCH',
      `${path}/played-${number}`,
      { spec: { replicas: 0 } },
      'application/merge-patch+json',
    )
  }
  await until('no pods', async () => ((await podNames()).length === 0 ? true : undefined), {
    timeoutMs,
    everyMs: 2_000,
  })
})
