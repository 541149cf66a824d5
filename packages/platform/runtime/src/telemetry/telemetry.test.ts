import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type Transport } from '@atlas/client'
import { AtlasError, contract, endpoint, stream } from '@atlas/contract'
import { currentCall, inProcessTransport, type Servlet, servlet, silent, startInstance } from '@atlas/sdk'
import { trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { CallingScope } from './calling-scope.ts'
import { attributesOf, otlpReceiver } from './fixtures/otlp-receiver.ts'
import { scraped } from './fixtures/scraped.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { TracedScope } from './tracing/active-trace.ts'
import { traceHeaders } from './tracing/trace-headers.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function started(variables: Record<string, string> = {}) {
  const receiver = await otlpReceiver()
  const lines: any[] = []
  const telemetry = await createTelemetry({
    version: '0.1.0',
    servlets: { files: '1.2.3' },
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'always_on',
      ...variables,
    },
    sink: { write: (line) => void lines.push(JSON.parse(line)), flush() {}, dropped: 0 },
  })
  closers.push(receiver.close, () => telemetry.close(1000))
  return { receiver, telemetry, lines }
}

const identity = contract('identity', {
  verify: endpoint({
    route: 'POST /verify',
    input: z.object({ token: z.string() }),
    output: z.object({ name: z.string() }),
  }),
  watch: endpoint({ route: 'GET /watch', output: stream(z.object({ name: z.string() })) }),
})

/** Handles a request as a server does. */
async function handle(telemetry: Telemetry, traceparent: string | undefined, run: () => Promise<unknown>) {
  const { tracer } = telemetry
  const { series, source, spanName } = telemetry.endpoint({
    servlet: 'files',
    endpoint: 'get',
    protocol: 'http',
  })
  const beganMs = performance.now()
  series.begin(beganMs)
  const span = tracer.startServer(source, spanName, beganMs, traceparent, undefined, true)
  const headers = { traceparent, tracestate: undefined, trusted: true }
  const scope: TracedScope = new CallingScope(undefined, span ?? tracer.contextOf(headers))
  await currentCall.run(scope, run)
  series.end(0, beganMs, performance.now())
  span?.endAt(performance.now())
}

/** Something that is called, and what it sees of the trace. */
function called(seen: Record<string, string>[]): Transport {
  return {
    async unary() {
      seen.push(traceHeaders())
      await sleep(1)
      return { name: 'ada' }
    },
    async *stream() {
      seen.push(traceHeaders())
      yield { name: 'ada' }
      await sleep(1)
      seen.push(traceHeaders())
      yield { name: 'bob' }
    },
  }
}

describe('a request that calls another servlet', () => {
  it('is one trace: its span, spans of user code, the call, and what is called', async () => {
    const { receiver, telemetry, lines } = await started()
    const seen: Record<string, string>[] = []
    const client = createClient(identity, telemetry.observed(called(seen), 'files', 'http'))
    await handle(telemetry, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', () =>
      trace.getTracer('theirs').startActiveSpan('look up', async (span) => {
        telemetry.logger('files').info('looking')
        await client.verify({ token: 'x' })
        span.end()
      }),
    )
    await telemetry.close(5000)
    expect(receiver.problems).toEqual([])
    const spans = receiver.spans()
    const named = (name: string) => spans.find(({ span }) => span.name === name)!
    const [server, user, call] = ['files.get', 'look up', 'identity.verify'].map((name) => named(name).span)
    expect(spans).toHaveLength(3)
    expect(server.parentSpanId).toBe('00f067aa0ba902b7')
    expect(user.parentSpanId).toBe(server.spanId)
    expect(call.parentSpanId).toBe(user.spanId)
    expect(call.kind).toBe(3)
    expect(seen).toEqual([{ traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${call.spanId}-01` }])
    expect(lines).toEqual([
      expect.objectContaining({ message: 'looking', trace_id: server.traceId, span_id: user.spanId }),
    ])
    expect(attributesOf(named('files.get').resource.attributes)).toMatchObject({
      'service.name': 'files',
      'service.version': '1.2.3',
      'telemetry.sdk.language': 'nodejs',
    })
    expect(named('look up').scope.name).toBe('theirs')
  })

  it('has that trace in each step of a stream', async () => {
    const { receiver, telemetry } = await started()
    const seen: Record<string, string>[] = []
    const client = createClient(identity, telemetry.observed(called(seen), 'files', 'http'))
    await handle(telemetry, undefined, async () => {
      for await (const _ of client.watch()) await sleep(1)
    })
    await telemetry.close(5000)
    const { span } = receiver.spans().find(({ span }) => span.name === 'identity.watch')!
    expect(seen.map(({ traceparent }) => traceparent!.slice(36, 52))).toEqual([span.spanId, span.spanId])
  })

  it('passes a trace on that is not recorded, each call with an id of its own', async () => {
    const { receiver, telemetry } = await started({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
    const seen: Record<string, string>[] = []
    const client = createClient(identity, telemetry.observed(called(seen), 'files', 'http'))
    await handle(telemetry, undefined, () => Promise.all([1, 2, 3].map(() => client.verify({ token: 'x' }))))
    await telemetry.close(5000)
    expect(receiver.requests).toBe(0)
    const ids = seen.map(({ traceparent }) => /^00-(\w{32})-(\w{16})-02$/.exec(traceparent!)!)
    expect(new Set(ids.map(([, traceId]) => traceId)).size).toBe(1)
    expect(new Set(ids.map(([, , spanId]) => spanId)).size).toBe(3)
  })

  it('is counted on the side of the caller, failures and streams that are left included', async () => {
    const { telemetry, receiver } = await started()
    const failing: Transport = {
      ...called([]),
      unary: async () => {
        throw new AtlasError('unavailable', 'identity cannot be reached')
      },
    }
    const client = createClient(identity, telemetry.observed(failing, 'files', 'http'))
    await client.verify({ token: 'x' }).catch(() => {})
    for await (const _ of client.watch()) break
    for await (const _ of client.watch());
    const samples = scraped(telemetry.scrape(undefined).body)
    const counts = samples('atlas_client_requests_total').filter(({ value }) => value > 0)
    expect(counts.map(({ labels, value }) => [labels.endpoint, labels.code, value])).toEqual([
      ['verify', 'unavailable', 1],
      ['watch', 'ok', 1],
      ['watch', 'canceled', 1],
    ])
    expect(samples('atlas_client_requests_in_flight').map(({ value }) => value)).toEqual([0, 0])
    await telemetry.close(5000)
    const { span } = receiver.spans().find(({ span }) => span.name === 'identity.verify')!
    expect(span.status).toEqual({ code: 2, message: 'identity cannot be reached' })
    expect(attributesOf(span.attributes)).toMatchObject({
      'error.type': 'unavailable',
      'atlas.callee': 'identity',
    })
  })

  it('still has deadline, user and cancellation where the call is in the same process', async () => {
    const { telemetry } = await started()
    const facts: unknown[] = []
    const implementation: Servlet = servlet(identity, {
      verify: async (_input, { deadline, caller, user }) => {
        facts.push({ deadline, caller, user })
        return { name: 'ada' }
      },
      watch: async function* () {},
    })
    const instance = await startInstance(implementation, {
      stores: {},
      config: {},
      secrets: {},
      log: silent,
      transportTo: () => called([]),
    })
    closers.push(instance.close)
    const transport = inProcessTransport(() => instance, { caller: 'files' })
    const client = createClient(identity, telemetry.observed(transport, 'files', 'in_process'))
    const deadline = Date.now() + 60_000
    const { signal } = new AbortController()
    const scope = { signal, deadline, caller: 'gateway', user: 'ada', listener: 'public' } as const
    await currentCall.run(scope, () => client.verify({ token: 'x' }))
    expect(facts).toEqual([{ deadline, caller: 'files', user: 'ada' }])
  })
})

describe('a scrape', () => {
  it('has what the process is, in the format that is asked for', async () => {
    const { telemetry } = await started()
    telemetry.logger().warn('x')
    const { contentType, body } = telemetry.scrape('application/openmetrics-text')
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(body).toContain(`atlas_build_info{version="0.1.0",node="${process.versions.node}"} 1\n`)
    const samples = scraped(telemetry.scrape('*/*').body)
    expect(samples('atlas_servlet_info')).toEqual([
      { labels: { servlet: 'files', version: '1.2.3' }, value: 1 },
    ])
    expect(samples('atlas_log_lines_total').find(({ labels }) => labels.level === 'warn')!.value).toBe(1)
    expect(samples('atlas_spans_dropped_total')).toHaveLength(3)
    expect(samples('nodejs_eventloop_utilization_ratio')).toHaveLength(1)
  })
})

describe('a wrong variable', () => {
  it('is told in the log, and costs nothing else', async () => {
    const { telemetry, lines } = await started({ OTEL_TRACES_SAMPLER: 'xray' })
    expect(lines).toEqual([
      expect.objectContaining({ level: 'warn', message: expect.stringMatching(/xray/) }),
    ])
    expect(telemetry.scrape(undefined).body).toContain('atlas_build_info')
  })
})
