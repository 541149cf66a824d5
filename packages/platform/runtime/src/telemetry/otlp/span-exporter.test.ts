import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { otlpReceiver, type ReceiverAnswer } from '../fixtures/otlp-receiver.ts'
import { type SpanSource, spanKinds } from '../tracing/span-record.ts'
import { SpanRing } from '../tracing/span-ring.ts'
import { Tracer } from '../tracing/tracer.ts'
import type { Encoding } from './encoding.ts'
import { jsonEncoding } from './json-encoding.ts'
import { postTo } from './post.ts'
import { protobufEncoding } from './protobuf-encoding.ts'
import { SpanExporter, type SpanExporterOptions } from './span-exporter.ts'
import { WallClock } from './wall-clock.ts'

const source: SpanSource = { servlet: 'files', scope: { name: 'test', version: '1' }, attributes: {} }
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Setup extends Partial<SpanExporterOptions> {
  readonly answers?: (index: number) => ReceiverAnswer
  readonly capacity?: number
  readonly requestTimeoutMs?: number
}

/** An exporter and the receiver that it sends to. */
async function exporting({ answers, capacity = 100, requestTimeoutMs = 5000, ...options }: Setup = {}) {
  const receiver = await otlpReceiver(answers)
  const { post, close } = postTo(new URL(`${receiver.url}/v1/traces`), requestTimeoutMs)
  const ring = new SpanRing(capacity)
  const onProblem = vi.fn<SpanExporterOptions['onProblem']>()
  const exporter = new SpanExporter({
    ring,
    post,
    onProblem,
    encoding: jsonEncoding,
    headers: {},
    compress: false,
    delayMs: 10_000,
    batchSize: 10,
    exportTimeoutMs: 10_000,
    resourceOf: (servlet) => ({ 'service.name': servlet }),
    clock: new WallClock(),
    ...options,
  })
  const tracer = new Tracer({ sampling: { ratio: 1, parentBased: true }, ring, failuresPerSecond: 1 })
  const add = (count: number) => {
    for (let index = 0; index < count; index += 1)
      tracer.startChild(undefined, source, `span ${index}`, spanKinds.internal, performance.now())!.end()
  }
  closers.push(receiver.close, close)
  return { receiver, exporter, ring, add, onProblem }
}

describe.each<[string, Encoding, boolean]>([
  ['JSON', jsonEncoding, false],
  ['protobuf', protobufEncoding, false],
  ['protobuf, compressed', protobufEncoding, true],
])('spans in %s', (_, encoding, compress) => {
  it('arrive, in batches, with the headers that were asked for', async () => {
    const headers = { authorization: 'Bearer key' }
    const { receiver, exporter, add } = await exporting({ encoding, compress, headers })
    add(25)
    await exporter.flush()
    expect(receiver.problems).toEqual([])
    expect(receiver.received.map(({ path, headers: sent }) => [path, sent.authorization])).toEqual(
      new Array(3).fill(['/v1/traces', 'Bearer key']),
    )
    const spans = receiver.spans()
    expect(spans).toHaveLength(25)
    expect(new Set(spans.map(({ span }) => span.spanId)).size).toBe(25)
    const now = BigInt(Date.now()) * 1_000_000n
    for (const { span } of spans) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
      expect(now - BigInt(span.startTimeUnixNano)).toBeLessThan(60_000_000_000n)
    }
    expect(exporter.exported).toBe(25)
    expect(exporter.dropped).toEqual({ buffer_full: 0, rejected: 0, unreachable: 0 })
  })
})

describe('sending', () => {
  it('begins by itself when a batch is full, or after a while', async () => {
    const full = await exporting({ batchSize: 5 })
    full.add(5)
    await vi.waitFor(() => expect(full.receiver.spans()).toHaveLength(5))
    const late = await exporting({ delayMs: 20 })
    late.add(1)
    await vi.waitFor(() => expect(late.receiver.spans()).toHaveLength(1))
    late.add(2)
    await vi.waitFor(() => expect(late.receiver.spans()).toHaveLength(3))
  })

  it('is no part of the request that added the span', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const encoding: Encoding = {
      ...jsonEncoding,
      encode: (...args) => {
        seen.push(storage.getStore())
        return jsonEncoding.encode(...args)
      },
    }
    const { receiver, add } = await exporting({ encoding, delayMs: 5, batchSize: 3 })
    storage.run('a request', () => add(1))
    await vi.waitFor(() => expect(receiver.spans()).toHaveLength(1))
    storage.run('a request', () => add(3))
    await vi.waitFor(() => expect(receiver.spans()).toHaveLength(4))
    expect(seen).toEqual([undefined, undefined])
  })

  it.each([429, 502, 503, 504])('is tried again after %d, when the collector says', async (status) => {
    const answers = (index: number) =>
      index < 2
        ? ({ status, retryAfter: index === 0 ? '0' : new Date(0).toUTCString() } as const)
        : { status: 200 }
    const { receiver, exporter, add, onProblem } = await exporting({ answers })
    add(3)
    await exporter.flush()
    expect(receiver.requests).toBe(3)
    expect(receiver.spans()).toHaveLength(3)
    expect(onProblem).not.toHaveBeenCalled()
  })

  it('is tried again after a pause when the connection broke', async () => {
    const answers = (index: number): ReceiverAnswer => (index === 0 ? 'reset' : { status: 200 })
    // The shortest pause that chance can bring is half a second.
    const { receiver, exporter, add } = await exporting({ answers, random: () => 0 })
    add(1)
    await exporter.flush()
    expect(receiver.requests).toBe(2)
    expect(exporter.exported).toBe(1)
  })

  it.each([400, 401, 404, 413, 500])('is not tried again after %d', async (status) => {
    const { receiver, exporter, add, onProblem } = await exporting({ answers: () => ({ status }) })
    add(3)
    await exporter.flush()
    expect(receiver.requests).toBe(1)
    expect(exporter.dropped).toEqual({ buffer_full: 0, rejected: 3, unreachable: 0 })
    expect(onProblem).toHaveBeenCalledExactlyOnceWith('the collector rejected spans', `it answered ${status}`)
  })

  it('counts what a collector did not take of a batch', async () => {
    const partialSuccess = { rejectedSpans: '2', errorMessage: 'no room' }
    const { exporter, add, onProblem } = await exporting({ answers: () => ({ status: 200, partialSuccess }) })
    add(5)
    await exporter.flush()
    expect(exporter.exported).toBe(3)
    expect(exporter.dropped.rejected).toBe(2)
    expect(onProblem).toHaveBeenCalledExactlyOnceWith('the collector rejected spans: no room', undefined)
  })

  it('gives up on a batch that takes too long, and says so once', async () => {
    const { exporter, add, onProblem } = await exporting({
      answers: () => 'hang',
      requestTimeoutMs: 20,
      exportTimeoutMs: 100,
    })
    add(15)
    await exporter.flush()
    expect(exporter.exported).toBe(0)
    expect(exporter.dropped.unreachable).toBe(15)
    expect(onProblem).toHaveBeenCalledOnce()
  })

  it('loses what is new while the collector is away, and no more memory than was reserved', async () => {
    const { exporter, ring, add } = await exporting({ answers: () => 'hang', capacity: 20 })
    add(1000)
    expect(ring.size).toBe(20)
    expect(exporter.dropped.buffer_full).toBe(980)
    await exporter.close(0)
    expect(exporter.dropped.unreachable).toBe(20)
  })
})

describe('the end', () => {
  it('sends what there is', async () => {
    const { receiver, exporter, add } = await exporting()
    add(25)
    await exporter.close(5000)
    expect(receiver.spans()).toHaveLength(25)
  })

  it('does not wait for a collector that does not answer, and counts what is lost', async () => {
    const { exporter, add, onProblem } = await exporting({ answers: () => 'hang' })
    add(25)
    await exporter.close(50)
    expect(exporter.dropped.unreachable).toBe(25)
    expect(onProblem).toHaveBeenCalled()
  })

  it('lets spans that end later go, without a timer', async () => {
    const { receiver, exporter, add } = await exporting({ delayMs: 1 })
    await exporter.close(1000)
    add(3)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(receiver.requests).toBe(0)
  })
})
