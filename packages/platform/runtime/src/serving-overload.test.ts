import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { createClient, httpTransport } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { AtlasError, contract, endpoint } from '@atlas/contract'
import { node, servlet } from '@atlas/sdk'
import { Code, ConnectError } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { request } from './fixtures/http-request.ts'
import { Probe, probe, probeServlet } from './fixtures/probe.ts'
import { once, RawClient } from './fixtures/raw-client.ts'
import { serveOne } from './fixtures/way.ts'
import { dynamicClient } from './rpc/fixtures/dynamic-client.ts'
import type { ServeOptions, Server } from './serve.ts'
import { scraped } from './telemetry/fixtures/scraped.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** One runs, one waits, and the next one is refused; however late others on the machine make the loop. */
const one = {
  ...{ initial: 1, min: 1, max: 1, maxQueued: 1, maxWaitMs: 60_000, overloadedAfterMs: 60_000 },
  eventLoop: { overloadedDelayMs: 3_600_000 },
}

async function probing(overload: ServeOptions['overload'] = one) {
  const test = new Probe()
  const server = await serveOne(probeServlet(test), { overload })
  const transport = http2Transport({ baseUrl: server.url })
  closing.push(
    () => server.close({ graceMs: 0 }),
    () => transport.close(),
  )
  /** How many wait for a place. */
  const queued = () => sample(server, 'atlas_limiter_queued', 'hold')
  return { test, server, client: createClient(probe, transport), queued }
}

function sample(server: Server, metric: string, endpointClass: string, reason?: string): number | undefined {
  const all = scraped(server.telemetry!.scrape(undefined).body)(metric)
  return all.find(({ labels }) => labels.class === endpointClass && labels.reason === reason)?.value
}

async function connectError(call: Promise<unknown>): Promise<ConnectError> {
  const reason = await call.catch((reason: unknown) => reason)
  expect(reason).toBeInstanceOf(ConnectError)
  return reason as ConnectError
}

describe('an endpoint that has all it can do', () => {
  it('lets a few wait, and refuses the others in every protocol, with a hint', async () => {
    const { test, server, client, queued } = await probing()
    const running = client.hold({})
    await expect.poll(() => test.waiting).toBe(1)
    const waiting = client.hold({})
    await expect.poll(queued).toBe(1)

    const plain = await once(server.port, request('GET', '/hold'))
    expect([plain.status, plain.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[12]$/)])
    expect(JSON.parse(plain.body)).toEqual({
      code: 'resource_exhausted',
      message: 'too many requests are waiting already; try again later',
      data: { retryAfterMs: expect.any(Number) },
    })
    await expect(client.hold({})).rejects.toMatchObject({ code: 'resource_exhausted' })

    const connect = createConnectTransport({ baseUrl: server.url, httpVersion: '1.1' })
    const refused = await connectError(dynamicClient(probe, connect).hold!({}))
    expect(refused.code).toBe(Code.ResourceExhausted)
    expect(refused.metadata.get('retry-after')).toMatch(/^[12]$/)
    expect(refused.details).toEqual([
      expect.objectContaining({ type: 'google.rpc.RetryInfo', debug: { retryAfterMs: expect.any(Number) } }),
    ])

    const grpc = createGrpcTransport({ baseUrl: server.url })
    const exhausted = await connectError(dynamicClient(probe, grpc).hold!({}))
    expect(exhausted.code).toBe(Code.ResourceExhausted)
    expect(Number(exhausted.metadata.get('grpc-retry-pushback-ms'))).toBeGreaterThanOrEqual(1000)
    expect(exhausted.details).toEqual([expect.objectContaining({ type: 'google.rpc.RetryInfo' })])

    expect(sample(server, 'atlas_limiter_refusals_total', 'hold', 'full')).toBe(4)
    expect(server.telemetry!.traffic().get('probe')!.overloaded).toBe(true)
    test.release()
    await running
    await expect.poll(() => test.waiting).toBe(1)
    test.release()
    await waiting
    expect(sample(server, 'atlas_limiter_in_flight', 'hold')).toBe(0)
  })

  it('does not keep others of its servlet from being called, nor health and metrics', async () => {
    const { test, server, client, queued } = await probing()
    const held = [client.hold({}), client.hold({})]
    await expect.poll(queued).toBe(1)
    expect(await client.hello()).toEqual({ hello: 'world' })
    for (const path of ['/-/live', '/-/ready', '/-/metrics'])
      expect((await fetch(server.url + path)).status).toBe(200)
    const checked = await fetch(`${server.url}/grpc.health.v1.Health/Check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await checked.json()).toEqual({ status: 'SERVING' })
    for (let round = 0; round < 2; round++) {
      await expect.poll(() => test.waiting).toBe(1)
      test.release()
    }
    await Promise.all(held)
  })

  it('has no place taken by a body that is on its way', async () => {
    const { server, client } = await probing()
    const slow = await RawClient.connect(server.port)
    closing.push(() => slow.close())
    slow.send(request('POST', '/json', { 'content-type': 'application/json', 'content-length': '12' }))
    expect(await client.json({ text: 'x' })).toEqual({ text: 'x' })
    slow.send('{"text":"x"}')
    expect((await slow.answer('POST')).status).toBe(200)
  })

  it('does not run whoever left, or was late, while waiting', async () => {
    const { test, server, client, queued } = await probing()
    const running = client.hold({})
    await expect.poll(() => test.waiting).toBe(1)
    const leaving = new AbortController()
    const left = client.hold({}, { signal: leaving.signal })
    await expect.poll(queued).toBe(1)
    leaving.abort()
    await expect(left).rejects.toMatchObject({ code: 'canceled' })
    await expect.poll(queued).toBe(0)
    await expect(client.hold({}, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await expect.poll(queued).toBe(0)
    test.release()
    await running
    expect(test.waiting).toBe(0)
    await expect.poll(() => sample(server, 'atlas_limiter_in_flight', 'hold')).toBe(0)
  })

  it('counts a handler that ignores its deadline until it is through', async () => {
    const { test, server, client } = await probing()
    await expect(client.hold({ heed: false }, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    })
    expect(sample(server, 'atlas_limiter_in_flight', 'hold')).toBe(1)
    test.release()
    await expect.poll(() => sample(server, 'atlas_limiter_in_flight', 'hold')).toBe(0)
  })

  it('gets places back of streams that began, and of uploads', async () => {
    const { test, server, client } = await probing()
    const streams = [1, 2, 3].map(() => client.items({ count: 2, waitAt: 2 })[Symbol.asyncIterator]())
    // Each in its turn: the one before has its first item, and goes on.
    for (const stream of streams) expect((await stream.next()).value).toEqual({ n: 1 })
    // Those that have no item for a while make room too.
    const silent = [1, 2].map(() => client.items({ count: 1, waitAt: 1 })[Symbol.asyncIterator]())
    const firsts = silent.map((stream) => stream.next())
    await expect.poll(() => test.waiting, { timeout: 15_000 }).toBe(5)
    test.release()
    for (const first of firsts) expect((await first).value).toEqual({ n: 1 })
    for (const stream of [...streams, ...silent]) await stream.return!()
    const uploads = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.port)))
    const head = request('PUT', '/upload', {
      'content-type': 'application/octet-stream',
      'content-length': '10',
    })
    for (const upload of uploads) upload.send(`${head}12345`)
    for (const upload of [...uploads].reverse()) {
      upload.send('67890')
      expect((await upload.answer('PUT')).body).toBe('{"sizeBytes":10}')
      upload.close()
    }
  })
})

describe('a process whose event loop is late', () => {
  /** Whatever the loop does is too much. */
  const eventLoop = {
    overloadedDelayMs: -1000,
    overloadedUtilization: 0,
    wellDelayMs: -1000,
    wellUtilization: 0,
    looks: 1,
  }

  it('refuses more than it runs, mounted apps too, and says when to come back', async () => {
    const app = servlet(
      contract('legacy', {
        hold: endpoint({ route: 'GET /held', access: 'public', output: z.object({ done: z.boolean() }) }),
      }),
      {
        mount: {
          '/legacy': node(
            async () => (asked, answer) => {
              if (asked.url === '/stream') answer.write('begun')
              else if (asked.url !== '/never') answer.end('done')
            },
            { access: 'public' },
          ),
        },
      },
      {
        hold: async (_input, ctx) => {
          await wait(60_000, undefined, { signal: ctx.signal })
          return { done: true }
        },
      },
    )
    const server = await serveOne(app, { overload: { eventLoop, min: 1, initial: 1 } })
    closing.push(() => server.close({ graceMs: 0 }))
    const ask = (path: string) => once(server.port, request('GET', path))
    // Asking wakes the guard.
    expect((await ask('/legacy')).status).toBe(200)
    await wait(300)
    const held = new AbortController()
    closing.push(() => held.abort())
    for (const [path, endpoint, least] of [
      ['/held', 'hold', 1],
      ['/legacy/never', '/legacy', 5],
    ] as const) {
      for (let n = 0; n < least; n++) fetch(server.url + path, { signal: held.signal }).catch(() => {})
      await expect.poll(() => sample(server, 'atlas_limiter_in_flight', endpoint)).toBe(least)
      // As many wait as run, for a while; one more is refused at once.
      const others = await Promise.all(Array.from({ length: least + 1 }, () => ask(path)))
      const statuses = others.map(({ status }) => status).sort()
      expect(statuses).toEqual([...Array.from({ length: least }, () => 429), 503])
      for (const { headers } of others) expect(headers.get('retry-after')).toMatch(/^\d+$/)
    }
    expect((await ask('/-/ready')).status).toBe(200)
    held.abort()
    // An app whose answer has begun, and one whose caller is gone, hold no place.
    await expect.poll(() => sample(server, 'atlas_limiter_in_flight', '/legacy')).toBe(0)
    const streaming = await RawClient.connect(server.port)
    closing.push(() => streaming.close())
    await streaming.send(request('GET', '/legacy/stream')).seen('begun')
    expect((await ask('/legacy')).status).toBe(200)
  })
})

/** A servlet that does four things at once, and no more, however many it is asked for. */
function fourWorkers() {
  const busy = contract('busy', { work: endpoint({ route: 'POST /work', access: 'public' }) })
  const waiting: (() => void)[] = []
  let idle = 4
  const state = { done: 0, inside: 0, mostInside: 0 }
  const busyServlet = servlet(busy, {
    // Ignores its signal, as what burns CPU does: what was begun is done, whoever waits for it.
    work: async () => {
      state.mostInside = Math.max(state.mostInside, ++state.inside)
      if (idle > 0) idle--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      await new Promise((resolve) => setTimeout(resolve, workMs))
      state.done++
      state.inside--
      const next = waiting.shift()
      if (next) next()
      else idle++
    },
  })
  return { busy, busyServlet, state }
}

const workMs = 40
const perSecond = (4 * 1000) / workMs
const deadlineMs = 1000

type Work = (options: { timeoutMs: number }) => Promise<unknown>

const ways: Record<string, (url: string, busy: ReturnType<typeof fourWorkers>['busy']) => Work> = {
  'JSON over HTTP/1.1': (url, busy) => {
    const client = createClient(busy, httpTransport({ baseUrl: url }))
    return (options) => client.work({}, options)
  },
  'JSON over HTTP/2': (url, busy) => {
    const transport = http2Transport({ baseUrl: url })
    closing.push(() => transport.close())
    const client = createClient(busy, transport)
    return (options) => client.work({}, options)
  },
  gRPC: (url, busy) => {
    const client = dynamicClient(busy, createGrpcTransport({ baseUrl: url }))
    return (options) => client.work!({}, options)
  },
  Connect: (url, busy) => {
    const client = dynamicClient(busy, createConnectTransport({ baseUrl: url, httpVersion: '2' }))
    return (options) => client.work!({}, options)
  },
}

/**
 * Asks for three times what can be done, whatever comes back. The sockets are real and the time is not: it goes on by
 * steps, each when everything that was sent has arrived, so that a busy machine changes nothing.
 */
async function overload(way: string, options: Exclude<ServeOptions['overload'], undefined>) {
  vi.useFakeTimers({
    toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
  })
  closing.push(() => vi.useRealTimers())
  const { busy, busyServlet, state } = fourWorkers()
  const server = await serveOne(busyServlet, { overload: options })
  const work = ways[way]!(server.url, busy)
  const ends: Record<string, number> = {}
  let sent = 0
  let ended = 0
  const end = (code: string) => {
    ended++
    ends[code] = (ends[code] ?? 0) + 1
  }
  const settled = async () => {
    for (let quiet = 0; quiet < 3; ) {
      await setImmediate()
      const { requests = 0, inFlight = 0 } = server.telemetry!.traffic().get('busy') ?? {}
      quiet = requests + inFlight === sent && requests === ended ? quiet + 1 : 0
    }
  }
  for (let elapsedMs = 0; elapsedMs < 5000; elapsedMs += stepMs) {
    for (const due = (3 * perSecond * elapsedMs) / 1000; sent < due; sent++)
      work({ timeoutMs: deadlineMs }).then(
        () => end('ok'),
        (reason: unknown) =>
          end(reason instanceof ConnectError ? Code[reason.code] : AtlasError.from(reason).code),
      )
    await settled()
    vi.advanceTimersByTime(stepMs)
    await settled()
  }
  const goodput = (ends.ok ?? 0) / (perSecond * 5)
  while (state.inside > 0 || ended < sent) {
    vi.advanceTimersByTime(stepMs)
    await settled()
  }
  vi.useRealTimers()
  await server.close({ graceMs: 0 })
  return { ends, sent, goodput, ...state }
}

const stepMs = 10

/** The event loop is late in real time, which is not what goes on here. */
const eventLoop = { overloadedDelayMs: Number.POSITIVE_INFINITY }

describe('three times what a servlet can do', () => {
  it.each(Object.keys(ways))('is answered as far as it can be, by %s', { timeout: 120_000 }, async (way) => {
    const { ends, sent, goodput, mostInside } = await overload(way, { eventLoop })
    // In time, as a share of what can be done.
    expect(goodput, JSON.stringify(ends)).toBeGreaterThanOrEqual(0.9)
    // Nobody who is let in waits behind more than can be done before the deadline.
    expect(mostInside).toBeLessThan((perSecond * deadlineMs) / 1000)
    // The others are told so.
    const { ok = 0, resource_exhausted = 0, ResourceExhausted = 0 } = ends
    expect(ok + resource_exhausted + ResourceExhausted).toBeGreaterThan(0.95 * sent)
  })

  it('would be answered too late without that', { timeout: 120_000 }, async () => {
    const { goodput, mostInside } = await overload('JSON over HTTP/2', false)
    expect(goodput).toBeLessThan(0.5)
    expect(mostInside).toBeGreaterThan((perSecond * deadlineMs) / 1000)
  })
})

describe('a handler that only computes', () => {
  const sums = contract('sums', {
    sum: endpoint({ route: 'GET /sum', access: 'public', output: z.object({ n: z.int() }) }),
  })
  const computing = servlet(sums, {
    sum: async () => {
      const until = performance.now() + 20
      let n = 0
      while (performance.now() < until) n++
      return { n }
    },
  })

  it('has those refused who would wait for a whole turn of the loop, and goes on serving', async () => {
    // Any delay counts as overload here: what is tested is who is refused then, not when it begins.
    const eventLoop = {
      overloadedDelayMs: 1,
      overloadedUtilization: 0,
      wellDelayMs: 0,
      wellUtilization: 0,
      looks: 1,
      turnBudgetMs: 50,
    }
    const server = await serveOne(computing, { overload: { eventLoop } })
    closing.push(() => server.close({ graceMs: 0 }))
    expect((await once(server.port, request('GET', '/sum'))).status).toBe(200)
    const clients = await Promise.all(Array.from({ length: 60 }, () => RawClient.connect(server.port)))
    closing.push(() => {
      for (const client of clients) client.close()
    })
    const counts = new Map<number, number>()
    for (let round = 0; round < 4; round++) {
      for (const client of clients) client.send(request('GET', '/sum'))
      for (const client of clients) {
        const { status, headers } = await client.answer('GET')
        counts.set(status, (counts.get(status) ?? 0) + 1)
        if (status === 503) expect(headers.get('retry-after')).toMatch(/^\d+$/)
      }
    }
    expect([...counts.keys()].sort()).toEqual([200, 503])
    expect(counts.get(200)).toBeGreaterThanOrEqual(4)
    expect(counts.get(503)).toBeGreaterThanOrEqual(60)
    expect(sample(server, 'atlas_limiter_refusals_total', 'sum', 'event_loop')).toBe(counts.get(503))
  })
})
