import { createClient, httpTransport, type Transport } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { contract, endpoint, stream } from '@atlas/contract'
import { type Instance, inheritCall, inProcessTransport, servlet, startInstance } from '@atlas/sdk'
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node'
import { trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { dynamicClient } from './rpc/fixtures/dynamic-client.ts'
import { type ServeOptions, type Server, serve } from './serve.ts'
import { attributesOf, otlpReceiver } from './telemetry/fixtures/otlp-receiver.ts'
import { scraped } from './telemetry/fixtures/scraped.ts'
import { createTelemetry, type Telemetry, traceHeaders, trafficBetween } from './telemetry/index.ts'

const name = z.object({ name: z.string() })
const identity = contract('identity', {
  verify: endpoint({ route: 'POST /verify', access: 'public', input: name, output: name }),
})
const front = contract('front', {
  enter: endpoint({ route: 'POST /enter', access: 'public', input: name, output: name }),
  follow: endpoint({
    route: 'POST /follow',
    access: 'public',
    input: name,
    output: stream(z.object({ n: z.int() })),
  }),
})

const identityServlet = servlet(identity, {
  verify: async ({ name }, ctx) => {
    ctx.log.info('verifying')
    if (name === 'mallory') throw new Error('the database is away')
    return { name }
  },
})
const frontServlet = servlet(
  front,
  { calls: { identity } },
  {
    enter: async (input, ctx) =>
      trace.getTracer('theirs').startActiveSpan('look up', async (span) => {
        try {
          return await ctx.calls.identity.verify(input)
        } finally {
          span.end()
        }
      }),
    follow: async function* () {
      yield { n: 1 }
      yield { n: 2 }
    },
  },
)

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Two servlets, one of which calls the other, and whoever takes their spans. */
async function product(calls: 'in_process' | 'http', options: Omit<ServeOptions, 'instances'> = {}) {
  const receiver = await otlpReceiver()
  const lines: any[] = []
  const telemetry = await createTelemetry({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
    sink: { write: (line) => void lines.push(JSON.parse(line)), flush() {}, dropped: 0 },
  })
  const instances = new Map<string, Instance>()
  let server: Server | undefined
  const overNetwork = () => {
    const transport = http2Transport({
      baseUrl: server!.url,
      headers: () => ({ ...traceHeaders(), 'x-atlas-caller': 'front' }),
    })
    closing.push(() => transport.close())
    return inheritCall(transport)
  }
  let network: Transport | undefined
  for (const each of [identityServlet, frontServlet])
    instances.set(
      each.contract.name,
      await startInstance(each, {
        transportTo: (called) =>
          telemetry.observed(
            calls === 'in_process'
              ? inProcessTransport(() => instances.get(called.name)!, { caller: each.contract.name })
              : {
                  unary: (request) => {
                    network ??= overNetwork()
                    return network.unary(request)
                  },
                  stream: () => {
                    throw new Error('nobody streams here')
                  },
                },
            each.contract.name,
            calls,
          ),
        stores: {},
        config: {},
        secrets: {},
        log: telemetry.logger(each.contract.name),
      }),
    )
  server = await serve({
    ...options,
    instances: () => [...instances.values()],
    listener: 'internal',
    telemetry,
  })
  const { url } = server
  closing.push(
    receiver.close,
    () => telemetry.close(1000),
    () => server.close({ graceMs: 0 }),
  )
  return { receiver, lines, telemetry, url }
}

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }

const ways: Record<string, (url: string) => { enter(input: { name: string }): Promise<unknown> }> = {
  'JSON over HTTP/1.1': (url) => createClient(front, httpTransport({ baseUrl: url, headers })),
  'JSON over HTTP/2': (url) => {
    const transport = http2Transport({ baseUrl: url, headers })
    closing.push(() => transport.close())
    return createClient(front, transport)
  },
  gRPC: (url) => {
    const client = dynamicClient(front, createGrpcTransport({ baseUrl: url }))
    return { enter: (input) => client.enter!(input, { headers }) }
  },
  Connect: (url) => {
    const client = dynamicClient(front, createConnectTransport({ baseUrl: url, httpVersion: '1.1' }))
    return { enter: (input) => client.enter!(input, { headers }) }
  },
}
const protocols: Record<string, string> = { gRPC: 'grpc', Connect: 'connect' }

async function counts(telemetry: Telemetry, metric: string): Promise<Record<string, number>> {
  const samples = scraped(telemetry.scrape(undefined).body)(metric).filter(({ value }) => value > 0)
  return Object.fromEntries(
    samples.map(({ labels: { servlet, callee, endpoint, protocol, code }, value }) => [
      [servlet, callee, endpoint, protocol, code].filter((each) => each !== undefined).join(' '),
      value,
    ]),
  )
}

describe.each(['in_process', 'http'] as const)('a request that calls another servlet, %s', (calls) => {
  it.each(Object.keys(ways))('by %s is one trace, and counted on both sides', async (way) => {
    const { receiver, lines, telemetry, url } = await product(calls)
    const protocol = protocols[way] ?? 'http'
    expect(await ways[way]!(url).enter({ name: 'ada' })).toMatchObject({ name: 'ada' })
    await expect
      .poll(() => counts(telemetry, 'atlas_server_requests_total'))
      .toEqual({ [`front enter ${protocol} ok`]: 1, [`identity verify ${calls} ok`]: 1 })
    expect(await counts(telemetry, 'atlas_client_requests_total')).toEqual({
      [`front identity verify ${calls} ok`]: 1,
    })
    expect(lines).toEqual([
      expect.objectContaining({ servlet: 'identity', message: 'verifying', trace_id: traceId }),
    ])
    await telemetry.close(5000)
    const spans = receiver.spans().map(({ span }) => span)
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
    const parentOf = (span: any) => spans.find(({ spanId }) => spanId === span.parentSpanId)?.name
    const tree = spans.map((span) => `${parentOf(span)} > ${span.name}`).sort()
    // What is called has a span of its own, be it in another process or not.
    expect(tree).toEqual([
      'front.enter > look up',
      'identity.verify > identity.verify',
      'look up > identity.verify',
      'undefined > front.enter',
    ])
    const entered = spans.find((span) => span.name === 'front.enter')
    expect(entered.parentSpanId).toBe('00f067aa0ba902b7')
    expect(attributesOf(entered.attributes)).toMatchObject({ 'atlas.protocol': protocol })
  })

  it('that fails logs why, with the trace', async () => {
    const { lines, telemetry, url } = await product(calls)
    await expect(ways['JSON over HTTP/1.1']!(url).enter({ name: 'mallory' })).rejects.toMatchObject({
      code: 'internal',
    })
    const failed = lines.filter(({ level }) => level === 'error')
    expect(failed).toContainEqual(
      expect.objectContaining({ message: 'identity.verify failed', trace_id: traceId }),
    )
    await expect
      .poll(() => counts(telemetry, 'atlas_server_requests_total'))
      .toEqual({ 'front enter http internal': 1, [`identity verify ${calls} internal`]: 1 })
  })
})

describe('the metrics of a server', () => {
  it('are at /-/metrics, in the format that is asked for, and do not count themselves', async () => {
    const { url } = await product('in_process')
    const plain = await fetch(`${url}/-/metrics`)
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const open = await fetch(`${url}/-/metrics`, {
      headers: { accept: 'application/openmetrics-text; version=1.0.0' },
    })
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text')
    expect(await open.text()).toMatch(/# EOF\n$/)
    const names = scraped(await plain.text())
    expect(names('process_cpu_seconds_total')).toHaveLength(1)
    expect(names('atlas_server_requests_total')).toEqual([])
    expect((await fetch(`${url}/-/metrics`, { method: 'POST' })).status).toBe(405)
  })

  it('count streams when they end, and what is not there as unknown', async () => {
    const { telemetry, url } = await product('in_process')
    const client = createClient(front, httpTransport({ baseUrl: url }))
    for await (const _ of client.follow({ name: 'ada' }));
    await fetch(`${url}/no/such/path`)
    await fetch(`${url}/verify`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    await expect
      .poll(() => counts(telemetry, 'atlas_server_requests_total'))
      .toEqual({
        'front follow http ok': 1,
        'identity verify http invalid_argument': 1,
        'unknown unknown http not_found': 1,
      })
    expect(scraped(telemetry.scrape(undefined).body)('atlas_server_requests_in_flight')).toEqual(
      expect.arrayContaining([expect.objectContaining({ value: 0 })]),
    )
  })

  it('tell the traffic of each servlet, since the start and between two looks', async () => {
    const { telemetry, url } = await product('in_process')
    const client = createClient(front, httpTransport({ baseUrl: url }))
    await client.enter({ name: 'ada' })
    await expect.poll(() => telemetry.traffic().get('front')?.requests).toBe(1)
    const before = telemetry.traffic().get('identity')!
    await client.enter({ name: 'mallory' }).catch(() => {})
    await expect.poll(() => telemetry.traffic().get('front')?.requests).toBe(2)
    const after = telemetry.traffic().get('identity')!
    expect(after).toMatchObject({
      servlet: 'identity',
      requests: 2,
      errors: 1,
      inFlight: 0,
      overloaded: false,
    })
    expect(after.p99Ms).toBeGreaterThan(0)
    expect(trafficBetween(before, after)).toMatchObject({ requests: 1, errors: 1 })
    expect(trafficBetween(after, after)).toMatchObject({ requests: 0, errors: 0, p50Ms: undefined })
  })

  it('can be turned off', async () => {
    const server = await serve({ instances: () => [], telemetry: false })
    expect((await fetch(`${server.url}/-/metrics`)).status).toBe(404)
    expect(server.telemetry).toBe(undefined)
    await server.close()
  })
})

describe('a server without telemetry of its process', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('has its own, and sends what there is as the last step of its end', async () => {
    const receiver = await otlpReceiver()
    closing.push(receiver.close)
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_on')
    const instance = await startInstance(identityServlet, {
      transportTo: () => {
        throw new Error('calls nobody')
      },
      stores: {},
      config: {},
      secrets: {},
      log: { debug() {}, info() {}, warn() {}, error() {} },
    })
    const server = await serve({ instances: () => [instance] })
    const client = createClient(identity, httpTransport({ baseUrl: server.url }))
    await client.verify({ name: 'ada' })
    const metrics = await (await fetch(`${server.url}/-/metrics`)).text()
    expect(scraped(metrics)('atlas_server_requests_total')).toHaveLength(1)
    expect(receiver.requests).toBe(0)
    await server.close()
    expect(receiver.spans().map(({ span }) => span.name)).toEqual(['identity.verify'])
  })
})
