import { codes } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Metrics } from './metrics/metrics.ts'
import { observedEndpoint } from './observed-endpoint.ts'
import { ObservedScope } from './observed-scope.ts'
import type { Sampling } from './tracing/sampler.ts'
import { SpanRing } from './tracing/span-ring.ts'
import { Tracer } from './tracing/tracer.ts'

const name = { servlet: 'files', endpoint: 'get', protocol: 'http', route: 'GET /files/{path}' } as const
const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0'
const { internal, not_found } = { internal: codes.internal.grpc, not_found: codes.not_found.grpc }

function observing(sampling: Sampling = { ratio: 0, parentBased: true }, recording = true) {
  const ring = recording ? new SpanRing(1000) : undefined
  const metrics = new Metrics()
  const tracer = new Tracer({ sampling, ring, failuresPerSecond: 3 })
  const endpoint = observedEndpoint(metrics, tracer, { name: 'test', version: '1' }, name)
  const begin = (headers: Record<string, string | string[]> = {}, trusted = true) => {
    const scope = new ObservedScope()
    scope.beganMs = performance.now()
    scope.beginObserving(endpoint, headers, trusted, '/files/a')
    return scope
  }
  const end = (scope: ObservedScope, codeNumber = 0) =>
    scope.endObserving(codeNumber, codeNumber === 0 ? 200 : 500, 10, 20, undefined, '/files/a')
  return { metrics, begin, end, spans: () => ring!.take(1000), series: endpoint.series }
}

describe('a request of a recorded trace', () => {
  it('has a span below its caller, with what it was and how it ended', () => {
    const { begin, end, spans } = observing()
    const scope = begin({ traceparent: `${parent}1`, tracestate: ['a=1', 'b=2'] })
    expect(scope.trace!.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    end(scope, internal)
    expect(spans()).toEqual([
      expect.objectContaining({
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: scope.trace!.spanId,
        parentSpanId: '00f067aa0ba902b7',
        parentRemote: true,
        tracestate: 'a=1,b=2',
        name: 'files.get',
        kind: 2,
        status: 2,
        codeNumber: internal,
        httpStatus: 500,
        bytesIn: 10,
        bytesOut: 20,
        path: '/files/a',
        source: expect.objectContaining({
          servlet: 'files',
          attributes: expect.objectContaining({
            'http.route': '/files/{path}',
            'http.request.method': 'GET',
          }),
        }),
      }),
    ])
  })

  it('is the example of its bucket', () => {
    const { begin, end, metrics } = observing()
    const scope = begin({ traceparent: `${parent}1` })
    end(scope)
    expect(metrics.expose('openmetrics')).toContain(
      `trace_id="4bf92f3577b34da6a3ce929d0e0e4736",span_id="${scope.trace!.spanId}"`,
    )
    expect(metrics.expose('prometheus')).not.toContain('trace_id')
  })

  it('is no error where the fault is the callers', () => {
    const { begin, end, spans } = observing()
    end(begin({ traceparent: `${parent}1` }), not_found)
    expect(spans()[0]).toMatchObject({ status: 0, codeNumber: not_found })
  })
})

describe('a request of a trace that is not recorded', () => {
  it('has ids when asked, the same each time, in the trace of its caller', () => {
    const { begin, end, spans } = observing()
    const scope = begin({ traceparent: `${parent}2` })
    const { traceId, spanId } = scope.trace!
    expect(traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    expect(spanId).not.toBe('00f067aa0ba902b7')
    end(scope)
    expect(scope.trace).toMatchObject({ traceId, spanId, sampled: false, flags: 2 })
    expect(spans()).toEqual([])
  })

  it('begins a trace of its own when it comes from nowhere, or from somebody who writes no header', () => {
    const { begin } = observing()
    const headers = [{}, {}, { traceparent: 'x' }, { traceparent: `${parent}1`.toUpperCase() }]
    const ids = headers.map((one) => begin(one).trace!.traceId)
    expect(new Set(ids).size).toBe(4)
  })

  it('has a span after all when it fails, with the ids that the log has', () => {
    const { begin, end, spans } = observing()
    const scope = begin({ traceparent: `${parent}0` })
    const { spanId } = scope.trace!
    end(scope, internal)
    const [span] = spans()
    expect(span).toMatchObject({
      spanId,
      parentSpanId: '00f067aa0ba902b7',
      status: 2,
      flags: 0,
      path: '/files/a',
    })
    expect(span!.details!.attributes.get('atlas.sampled_for')).toBe('failure')
  })

  it('has none when everything fails', () => {
    const { begin, end, spans, series } = observing()
    for (let index = 0; index < 100; index += 1) end(begin(), internal)
    // As many as one second allows; what the test itself takes may earn one more.
    expect(spans().length).toBeLessThan(6)
    expect(series.codes[internal]).toBe(100)
  })
})

describe('callers who may not decide', () => {
  it('neither make us record nor make those record that we call', () => {
    const { begin } = observing()
    const scope = begin({ traceparent: `${parent}1` }, false)
    expect(scope.trace).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', sampled: false })
  })

  it('do not keep us from recording either', () => {
    const { begin } = observing({ ratio: 1, parentBased: true })
    expect(begin({ traceparent: `${parent}0` }, false).trace).toMatchObject({ sampled: true })
  })
})

describe('where nobody takes spans', () => {
  it('what is called hangs below who called us', () => {
    const { begin } = observing(undefined, false)
    expect(begin({ traceparent: `${parent}1` }).trace).toMatchObject({
      spanId: '00f067aa0ba902b7',
      sampled: true,
    })
    expect(begin({ traceparent: `${parent}1` }, false).trace).toMatchObject({ sampled: false })
  })
})

describe('counting', () => {
  it('is of every request once, whenever and however often it is said to be over', () => {
    const request = fc.record({ code: fc.nat({ max: 16 }), ends: fc.nat({ max: 3 }), sampled: fc.boolean() })
    fc.assert(
      fc.property(fc.array(request), (all) => {
        const { begin, end, series, spans } = observing()
        for (const { code, ends, sampled } of all) {
          const scope = begin({ traceparent: `${parent}${sampled ? 1 : 0}` })
          for (let time = 0; time < ends; time += 1) end(scope, code)
        }
        const over = all.filter(({ ends }) => ends > 0)
        expect(series.inFlight).toBe(all.length - over.length)
        expect(series.codes.reduce((sum, count) => sum + count, 0)).toBe(over.length)
        expect(series.bytesOut).toBe(20 * over.length)
        const recorded = spans().filter(({ flags }) => (flags & 1) === 1)
        expect(recorded).toHaveLength(over.filter(({ sampled }) => sampled).length)
      }),
    )
  })

  it('of a scope that is for nothing yet is nothing', () => {
    const scope = new ObservedScope()
    scope.endObserving(0, 200, 0, 0, undefined, undefined)
    expect(scope.trace).toBeUndefined()
  })
})
