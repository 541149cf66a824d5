import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, until } from '../api.ts'
import { kubectl, type Running } from '../cluster.ts'
import { conditionIs, deploymentReady, patience } from '../ready.ts'
import { remove } from '../remove.ts'
import { sharedCluster } from '../shared.ts'
import { apply, push } from '../up.ts'
import { call } from './grpc.ts'
import { caller, canary, deployment, gateways, guard, namespace, route, service } from './mesh-objects.ts'
import { meshImage } from './mesh-server.ts'
import { ask, openHttp2 } from './tunnel.ts'

let running: Running
let api: Api
let close = () => {}

beforeAll(async () => {
  ;({ running, api, close } = await sharedCluster({ addons: ['gateway', 'flagger'] }))
  await clean()
  await push(running, [meshImage])
  await apply(running, gateways)
}, 900_000)

afterAll(async () => {
  if (api) await clean({ waits: false })
  close()
})

async function clean(options = {}): Promise<void> {
  // Before what says how long their proxies may take to end, which is in the namespace too.
  for (const name of ['public', 'internal']) {
    await remove(api, `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${name}`)
  }
  await remove(api, `/api/v1/namespaces/${namespace}`, options)
  await remove(api, '/apis/gateway.networking.k8s.io/v1/gatewayclasses/mesh', options)
}

/** The address of a Gateway, once it serves. */
function addressOf(name: string): Promise<string> {
  return until(
    `Gateway ${name} to be programmed`,
    async () => {
      const gateway = await api.get(
        `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${name}`,
      )
      const address = gateway.status?.addresses?.[0]?.value
      return conditionIs(gateway, 'Programmed') && address !== undefined ? `${address}:80` : undefined
    },
    { timeoutMs: patience.deployment },
  )
}

/** Waits until a path answers with a status: a proxy hears of a route some time after it was made. */
async function answers(address: string, host: string, path: string, status: number, headers = {}) {
  return until(
    `${host}${path} to answer with ${status}`,
    async () => {
      const answer = await ask(running, address, host, path, headers)
      if (answer.status === status) return answer
      throw new Error(`it answers with ${answer.status}: ${answer.text.slice(0, 200)}`)
    },
    { timeoutMs: patience.deployment, everyMs: 500 },
  )
}

test('routes by Gateways, each its own hosts', async () => {
  await apply(running, [deployment('plain', '1'), service('plain'), route('plain', 'internal')])
  await deploymentReady(api, namespace, 'plain')
  const [inner, outer] = await Promise.all([addressOf('internal'), addressOf('public')])
  expect(inner).not.toBe(outer)
  const { text } = await answers(inner, 'plain.test', '/headers', 200)
  expect(JSON.parse(text)).toMatchObject({ release: '1' })
  await answers(outer, 'plain.test', '/headers', 404)
  await answers(inner, 'other.test', '/headers', 404)
})

test('carries gRPC with its trailers, a long stream and a long upload while a canary goes out', async () => {
  const phase = async () =>
    (await api.get(`/apis/flagger.app/v1beta1/namespaces/${namespace}/canaries/spike`)).status?.phase
  const phaseIs = (wanted: string) =>
    until(
      `the canary to be ${wanted}`,
      async () => {
        const now = await phase()
        if (now === 'Failed') throw new Error('the canary failed')
        return now === wanted ? true : undefined
      },
      { timeoutMs: 420_000, everyMs: 1_000 },
    )
  await apply(running, [deployment('spike', '1'), canary('spike', 'public')])
  const address = await addressOf('public')
  await phaseIs('Initialized')
  await answers(address, 'spike.test', '/healthz', 200)

  const session = await openHttp2(running, address, 'spike.test')
  expect(await call(session, '/spike.Spike/Echo', 'hello')).toMatchObject({
    status: 200,
    messages: ['hello'],
    trailers: { 'grpc-status': '0', 'x-release': '1' },
  })
  // An error after a message can only be said in trailers.
  expect(await call(session, '/spike.Spike/Fail', '')).toMatchObject({
    messages: ['half'],
    trailers: { 'grpc-status': '9', 'grpc-message': 'not%20now' },
  })

  // A stream and an upload of more than a minute, longer than the limits that proxies have when nobody sets any.
  const lastsMs = 75_000
  const messages = 150
  const startedMs = performance.now()
  const stream = call(
    session,
    '/spike.Spike/Count',
    JSON.stringify({ messages, everyMs: lastsMs / messages }),
  )
  const uploaded = upload(address, 500 * 1024 * 1024, lastsMs)
  // Neither failure may end the test before the other has ended.
  const both = Promise.allSettled([stream, uploaded])
  await sleep(5_000)
  await apply(running, [deployment('spike', '2')])

  // Meanwhile calls one after another, each on the connection that is there.
  const releases = new Map<string, number>()
  const failures: string[] = []
  let promoted = false
  const succeeded = phaseIs('Progressing')
    .then(() => phaseIs('Succeeded'))
    .finally(() => {
      promoted = true
    })
  while (!promoted) {
    const answer = await call(session, '/spike.Spike/Echo', 'x').catch((error: Error) => error)
    const good = !(answer instanceof Error) && answer.trailers['grpc-status'] === '0'
    if (!good) failures.push(answer instanceof Error ? answer.message : JSON.stringify(answer))
    else {
      const release = String(answer.trailers['x-release'])
      releases.set(release, (releases.get(release) ?? 0) + 1)
    }
    await sleep(20)
  }
  await succeeded
  const [counted, stored] = await both
  session.close()
  expect(failures).toEqual([])
  expect([...releases.keys()].toSorted()).toEqual(['1', '2'])
  expect(counted).toMatchObject({ status: 'fulfilled', value: { trailers: { 'grpc-status': '0' } } })
  const { value } = counted as PromiseFulfilledResult<Awaited<typeof stream>>
  expect(value.messages).toHaveLength(messages)
  expect(stored).toMatchObject({ status: 'fulfilled' })
  const { answer, sha256, tookMs } = (stored as PromiseFulfilledResult<Awaited<typeof uploaded>>).value
  expect(answer).toMatchObject({ bytes: 500 * 1024 * 1024, sha256 })
  // What is tested is that they last, so that they did is checked.
  expect(tookMs).toBeGreaterThan(60_000)
  expect(performance.now() - startedMs).toBeGreaterThan(60_000)
}, 1_200_000)

test('lets in who has a projected token of the right audience, by keys from a ConfigMap', async () => {
  const keys = JSON.stringify(await api.get('/openid/v1/jwks'))
  const { issuer } = await api.get('/.well-known/openid-configuration')
  await apply(running, [
    deployment('guarded', '1'),
    service('guarded'),
    ...guard('guarded', keys, issuer),
    route('guarded', 'internal'),
    ...caller,
  ])
  await deploymentReady(api, namespace, 'guarded')
  const podPath = `/api/v1/namespaces/${namespace}/pods/caller`
  await until(
    'the caller to run',
    async () => (conditionIs(await api.get(podPath), 'Ready') ? true : undefined),
    { timeoutMs: patience.deployment },
  )
  const token = async (audience: string) => {
    const read = ['node', '-p', `fs.readFileSync('/tokens/${audience}', 'utf8')`]
    const { stdout } = await kubectl(running, ['exec', '-n', namespace, 'caller', '--', ...read])
    return { authorization: `Bearer ${stdout.trim()}` }
  }
  const address = await addressOf('internal')
  // First this: as long as the gateway does not know the policy, everybody is let in.
  await answers(address, 'guarded.test', '/headers', 401)
  const right = await token('right')
  const { text } = await answers(address, 'guarded.test', '/headers', 200, right)
  expect(JSON.parse(text)).toMatchObject({ subject: `system:serviceaccount:${namespace}:caller` })
  await answers(address, 'guarded.test', '/headers', 403, await token('wrong'))
  // Signed by nobody that is known, though it says the same.
  const [head, body] = right.authorization.split('.')
  const forged = { authorization: `${head}.${body}.${'A'.repeat(342)}` }
  await answers(address, 'guarded.test', '/headers', 401, forged)
})

/** Uploads so many bytes over so much time, and resolves with what the server counted. */
async function upload(
  address: string,
  bytes: number,
  overMs: number,
): Promise<{ answer: { bytes: number; sha256: string }; sha256: string; tookMs: number }> {
  const session = await openHttp2(running, address, 'spike.test')
  const stream = session.request({
    ':method': 'PUT',
    ':path': '/upload',
    'content-type': 'application/octet-stream',
  })
  const response = once(stream, 'response')
  // It rejects too when nobody waits for it yet.
  response.catch(() => {})
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(1024 * 1024)
  const startedMs = performance.now()
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    chunk.fill(sent / chunk.length)
    const copy = Buffer.from(chunk)
    hash.update(copy)
    if (!stream.write(copy)) await Promise.race([once(stream, 'drain'), response.then(() => {})])
    const aheadMs = (sent / bytes) * overMs - (performance.now() - startedMs)
    if (aheadMs > 0) await sleep(aheadMs)
  }
  stream.end()
  const [headers] = await response
  let text = ''
  for await (const part of stream.setEncoding('utf8')) text += part
  session.close()
  if (headers[':status'] !== 200) throw new Error(`the upload ended with ${headers[':status']}: ${text}`)
  return { answer: JSON.parse(text), sha256: hash.digest('hex'), tookMs: performance.now() - startedMs }
}
