import { setTimeout as sleep } from 'node:timers/promises'
import { currentCall } from '@atlas/sdk'
import {
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CallingScope } from '../calling-scope.ts'
import { currentTrace } from '../tracing/active-trace.ts'
import { type SpanSource, spanKinds } from '../tracing/span-record.ts'
import { SpanRing } from '../tracing/span-ring.ts'
import { traceHeaders } from '../tracing/trace-headers.ts'
import { Tracer } from '../tracing/tracer.ts'
import { apiVersion, installOpenTelemetry } from './install.ts'
import { propagator } from './propagator.ts'

const source: SpanSource = { servlet: 'files', scope: { name: 'atlas', version: '1' }, attributes: {} }
let ring: SpanRing
let tracer: Tracer
let uninstall: () => void
beforeEach(() => {
  ring = new SpanRing(100)
  tracer = new Tracer({ sampling: { ratio: 1, parentBased: true }, ring, failuresPerSecond: 10 })
  uninstall = installOpenTelemetry(tracer)
})
afterEach(() => uninstall())

const request = (sampled: boolean) =>
  `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0${sampled ? 1 : 0}`

/** Runs something as the handler of a request would. */
function handling<T>(run: () => T, sampled = true): T {
  const span = tracer.startServer(source, 'files.get', performance.now(), request(sampled), undefined, true)
  const headers = { traceparent: request(sampled), tracestate: undefined, trusted: true }
  const scope = new CallingScope(undefined, span ?? tracer.contextOf(headers))
  return currentCall.run(scope, run)
}

describe('spans of user code', () => {
  it('hang below the request that is handled, one below the other', async () => {
    const user = trace.getTracer('theirs', '2.0')
    await handling(async () => {
      const server = trace.getActiveSpan()!
      await user.startActiveSpan('outer', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, async (outer) => {
        await sleep(1)
        expect(trace.getActiveSpan()).toBe(outer)
        user.startActiveSpan('inner', (inner) => {
          expect(inner.spanContext().traceId).toBe(server.spanContext().traceId)
          inner.end()
        })
        outer.end()
      })
      expect(trace.getActiveSpan()).toBe(server)
    })
    const [inner, outer] = ring.take(10)
    expect(inner).toMatchObject({ name: 'inner', parentSpanId: outer!.spanId, kind: spanKinds.internal })
    expect(outer).toMatchObject({
      name: 'outer',
      kind: spanKinds.client,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      source: { servlet: 'files', scope: { name: 'theirs', version: '2.0' } },
    })
    expect(outer!.parentSpanId).not.toBe('00f067aa0ba902b7')
    expect(outer!.details!.attributes.get('a')).toBe(1)
  })

  it('record nothing below a request that is not recorded, and pass its trace on', () => {
    handling(() => {
      trace.getTracer('theirs').startActiveSpan('x', (span) => {
        expect(span.isRecording()).toBe(false)
        expect(span.spanContext()).toMatchObject({ traceId: request(false).slice(3, 35), traceFlags: 0 })
        expect(traceHeaders().traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/)
        span.setAttribute('a', 1).addEvent('e').setStatus({ code: SpanStatusCode.ERROR }).end()
      })
    }, false)
    expect(ring.size).toBe(0)
  })

  it('say what they are told', () => {
    const span = trace
      .getTracer('theirs')
      .startSpan('before', { root: true, links: [{ context: INVALID_SPAN_CONTEXT }] })
    const error = new TypeError('disk')
    span
      .updateName('after')
      .setAttributes({ text: 'x', list: ['a', null], wrong: { a: 1 } as never, '': 1 })
      .addEvent('moment', { n: 1 }, new Date(0))
      .addEvent('at', 5)
      .recordException(error)
    span
      .setStatus({ code: SpanStatusCode.ERROR, message: 'bad' })
      .setStatus({ code: SpanStatusCode.UNSET })
      .end()
    span.setAttribute('late', 1).addEvent('late').end()
    const [record, ...rest] = ring.take(10)
    expect(rest).toEqual([])
    expect(record).toMatchObject({ name: 'after', status: 2, parentSpanId: undefined })
    const { attributes, events, links, statusMessage } = record!.details!
    expect(Object.fromEntries(attributes)).toEqual({ text: 'x', list: ['a', null] })
    expect(statusMessage).toBe('bad')
    expect(links).toHaveLength(1)
    expect(events.map(({ name, atMs }) => [name, Math.round(atMs + performance.timeOrigin)])).toEqual([
      ['moment', 0],
      ['at', Math.round(performance.timeOrigin + 5)],
      ['exception', expect.any(Number)],
    ])
    expect(events[2]!.attributes).toEqual({
      'exception.type': 'TypeError',
      'exception.message': 'disk',
      'exception.stacktrace': error.stack,
    })
  })

  it('have bounds', () => {
    const span = trace.getTracer('theirs').startSpan('x')
    for (let index = 0; index < 200; index += 1) {
      span.setAttribute(`a${index}`, 'y'.repeat(10_000))
      span.addEvent(`e${index}`).addLink({ context: INVALID_SPAN_CONTEXT })
    }
    span.end()
    const { attributes, events, links, ...dropped } = ring.take(1)[0]!.details!
    expect([attributes.size, events.length, links.length]).toEqual([128, 128, 128])
    expect(dropped).toMatchObject({ droppedAttributes: 72, droppedEvents: 72, droppedLinks: 72 })
    expect(attributes.get('a0')).toHaveLength(8192)
  })

  it('may describe the request itself, but not end it', () => {
    handling(() => {
      trace.getActiveSpan()!.setAttribute('tenant', 'acme').end()
      expect(trace.getActiveSpan()!.isRecording()).toBe(true)
      expect(ring.size).toBe(0)
    })
  })

  it('outside of calls begin traces', () => {
    trace.getTracer('theirs').startActiveSpan('job', (span) => {
      expect(currentTrace()).toBe(span)
      span.end()
    })
    expect(trace.getActiveSpan()).toBeUndefined()
    expect(ring.take(1)[0]).toMatchObject({ name: 'job', parentSpanId: undefined })
  })

  it('are not those of a call that they make in the same process', () => {
    handling(() => {
      trace.getTracer('theirs').startActiveSpan('outer', (outer) => {
        handling(() => expect(trace.getActiveSpan()).not.toBe(outer))
        expect(trace.getActiveSpan()).toBe(outer)
        outer.end()
      })
    })
  })
})

describe('contexts', () => {
  it('keep values, through promises and bound functions', async () => {
    const key = createContextKey('mine')
    const bound = context.with(context.active().setValue(key, 1), () =>
      context.bind(context.active(), () => context.active().getValue(key)),
    )
    expect(bound()).toBe(1)
    await context.with(ROOT_CONTEXT.setValue(key, 2), async () => {
      await sleep(1)
      expect(context.active().getValue(key)).toBe(2)
      expect(context.active().deleteValue(key).getValue(key)).toBeUndefined()
    })
    expect(context.active().getValue(key)).toBeUndefined()
  })

  it('keep what a call is when values are added', () => {
    handling(() => {
      const server = trace.getActiveSpan()
      context.with(context.active().setValue(createContextKey('mine'), 1), () => {
        expect(trace.getActiveSpan()).toBe(server)
        expect(currentTrace()).toBe(server)
      })
    })
  })

  it('travel in messages', () => {
    const carrier: Record<string, string> = {}
    handling(() => propagation.inject(context.active(), carrier))
    expect(carrier.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/)
    const taken = propagation.extract(ROOT_CONTEXT, { ...carrier, tracestate: 'a=1' })
    trace.getTracer('theirs').startSpan('consume', {}, taken).end()
    expect(ring.take(1)[0]).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: carrier.traceparent!.slice(36, 52),
      parentRemote: true,
      tracestate: 'a=1',
    })
  })

  it('take over spans that the API wraps around ids', () => {
    const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const given = trace.setSpanContext(ROOT_CONTEXT, spanContext)
    trace.getTracer('theirs').startSpan('x', {}, given).end()
    expect(ring.take(1)[0]).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
  })
})

describe('registering', () => {
  it('is of the version that servlets have, or they would ignore us', () => {
    const holder = globalThis as Record<symbol, { version: string } | undefined>
    const meetingPoint = Symbol.for('opentelemetry.js.api.1')
    const ours = holder[meetingPoint]
    delete holder[meetingPoint]
    propagation.setGlobalPropagator(propagator)
    expect(apiVersion).toBe(holder[meetingPoint]!.version)
    holder[meetingPoint] = ours
  })

  it('leaves another SDK alone, and can be undone', () => {
    const provider = trace.getTracerProvider()
    installOpenTelemetry(tracer)()
    expect(trace.getTracerProvider()).toBe(provider)
    uninstall()
    expect(trace.getTracer('x').startSpan('x').isRecording()).toBe(false)
  })
})
