import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scraped } from '../fixtures/scraped.ts'
import { durationEdges } from './bucket-edges.ts'
import { watchEventLoop } from './event-loop.ts'
import type { Exposition } from './exposition.ts'
import { watchGarbageCollection } from './garbage-collection.ts'
import { Metrics } from './metrics.ts'
import { outcomes } from './outcome.ts'
import { collectProcess } from './process.ts'
import { countOf } from './quantile.ts'
import { type MetricSpec, metricSpecs } from './schema.ts'

/** Everything a label may come to hold, and everything that could end it early. */
const labelValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n', '\\n', '",le="1', '} 5\n# EOF\n', 'é', '\ud800', '{', '#'),
)

describe('Prometheus text', () => {
  it('says what was counted, to a parser that is not ours', () => {
    const requests = fc.array(
      fc.record({ code: fc.nat({ max: 16 }), tookMs: fc.double({ min: 0, max: 1e5, noNaN: true }) }),
    )
    fc.assert(
      fc.property(requests, (all) => {
        const metrics = new Metrics()
        const series = metrics.server('files', 'get', 'http')
        for (const { code, tookMs } of all) {
          series.begin(0)
          series.end(code, 0, tookMs)
        }
        series.addBytes(3, 4)
        const samples = scraped(metrics.expose('prometheus', 0))
        const counted = samples('atlas_server_requests_total')
        expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(all.length)
        const name = 'atlas_server_request_duration_seconds'
        for (const [number, outcome] of outcomes.entries()) {
          const histogram = series.durations[number]
          const of = (suffix: string) =>
            samples(name + suffix).filter(({ labels }) => labels.outcome === outcome)
          const values = of('_bucket').map(({ value }) => value)
          expect(values).toEqual(values.toSorted((a, b) => a - b))
          expect(of('_count').map(({ value }) => value)).toEqual(histogram ? [countOf(histogram)] : [])
          expect(of('_sum').map(({ value }) => value)).toEqual(histogram ? [histogram.sum] : [])
          expect(values.at(-1)).toBe(histogram && countOf(histogram))
          const edges = of('_bucket').map(({ labels }) => labels.le)
          expect(edges.slice(0, -1).map(Number)).toEqual(histogram ? durationEdges : [])
          expect(edges.at(-1)).toBe(histogram && '+Inf')
        }
        const counts = samples(`${name}_count`).reduce((sum, { value }) => sum + value, 0)
        expect(counts).toBe(all.length)
        expect(samples('atlas_server_request_body_bytes_total')).toEqual([
          { value: 3, labels: { servlet: 'files', endpoint: 'get', protocol: 'http' } },
        ])
      }),
      { numRuns: 50 },
    )
  })

  it('survives what labels may hold', () => {
    fc.assert(
      fc.property(labelValue, (version) => {
        const metrics = new Metrics()
        metrics.servlet('files', version)
        const text = metrics.expose('prometheus')
        expect(text.split('\n').map((line) => line.slice(0, 7))).toEqual([
          '# HELP ',
          '# TYPE ',
          'atlas_s',
          '',
        ])
        expect(scraped(text)('atlas_servlet_info')).toEqual([
          { labels: { servlet: 'files', version: version.toWellFormed() }, value: 1 },
        ])
      }),
    )
  })

  it('has one series for everything that is not served', () => {
    const metrics = new Metrics()
    for (let index = 0; index < 1000; index += 1) metrics.server(undefined, undefined, 'http').begin(0)
    expect(scraped(metrics.expose('prometheus'))('atlas_server_requests_in_flight')).toEqual([
      { value: 1000, labels: { servlet: 'unknown', endpoint: 'unknown', protocol: 'http' } },
    ])
  })

  it('has the state of limiters at the time of the scrape', () => {
    const metrics = new Metrics()
    const state = { limit: 20, inFlight: 3, queued: 0, refused: { full: 0 }, canceled: 0, overloaded: false }
    metrics.limiter('files', 'default', state)
    Object.assign(state, { limit: 30.5, refused: { full: 7 } })
    const samples = scraped(metrics.expose('prometheus'))
    expect(samples('atlas_limiter_limit')).toEqual([
      { value: 30.5, labels: { servlet: 'files', class: 'default' } },
    ])
    expect(samples('atlas_limiter_refusals_total')).toEqual([
      { value: 7, labels: { servlet: 'files', class: 'default', reason: 'full' } },
    ])
  })
})

describe('the process', () => {
  it('shows its event loop, its collections and its memory', async () => {
    const metrics = new Metrics()
    const loop = watchEventLoop()
    const collections = watchGarbageCollection()
    for (const collect of [loop.collect, collections.collect, collectProcess]) metrics.collect(collect)
    const before = scraped(metrics.expose('prometheus'))
    // Both happen when a process works: garbage, and a timer that is late because of it.
    let kept: number[][] = []
    const untilMs = performance.now() + 300
    while (performance.now() < untilMs) {
      kept.push(new Array(1000).fill(0))
      if (kept.length > 2000) kept = []
    }
    await new Promise((resolve) => setTimeout(resolve, 150))
    const after = scraped(metrics.expose('prometheus'))
    loop.close()
    collections.close()
    const sum = (name: string, at = after) => at(name).reduce((total, { value }) => total + value, 0)
    const active = (at: typeof after) =>
      at('nodejs_eventloop_time_seconds_total').find(
        ({ labels }) => labels.nodejs_eventloop_state === 'active',
      )!.value
    expect(active(after) - active(before)).toBeGreaterThan(0.25)
    expect(sum('process_cpu_seconds_total')).toBeGreaterThan(sum('process_cpu_seconds_total', before))
    expect(sum('process_resident_memory_bytes')).toBeGreaterThan(sum('v8js_memory_heap_used_bytes') / 2)
    expect(sum('v8js_heap_size_limit_bytes')).toBeGreaterThan(sum('v8js_memory_heap_used_bytes'))
    expect(Math.abs(sum('process_start_time_seconds') * 1000 - performance.timeOrigin)).toBeLessThan(1)
    expect(sum('nodejs_eventloop_delay_seconds_sum')).toBeGreaterThan(0.1)
    expect(sum('v8js_gc_duration_seconds_count')).toBeGreaterThan(0)
  })
})

describe('OpenMetrics text', () => {
  it('is of the grammar: families once and together, units that end names, EOF at the end', () => {
    const metrics = new Metrics()
    const series = metrics.server('files', 'get', 'http')
    series.begin(0)
    const bucket = series.end(0, 0, 12)
    const words = { t0: 1, t1: 2, t2: 3, t3: 4, s0: 5, s1: 6 }
    series.exemplify(0, bucket, 12, words, 1_700_000_000_123)
    metrics.servlet('files', '1.0.0')
    metrics.collect(collectProcess)
    const text = metrics.expose('openmetrics')
    expect(text.endsWith('\n# EOF\n')).toBe(true)
    expect(text).toContain(
      'le="0.015"} 1 # {trace_id="00000001000000020000000300000004",span_id="0000000500000006"} 0.012 1700000000.123\n',
    )
    const seen = new Set<string>()
    let family = ''
    for (const line of text.split('\n').slice(0, -2)) {
      const head = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line)
      if (head) {
        const [, what, name, rest] = head
        if (what === 'TYPE') {
          expect(seen.has(name!)).toBe(false)
          seen.add(name!)
          family = name!
          expect(['counter', 'gauge', 'histogram', 'info']).toContain(rest)
        }
        expect(name).toBe(family)
        if (what === 'UNIT') expect(family.endsWith(`_${rest}`)).toBe(true)
        continue
      }
      const sample = /^([a-z0-9_]+)(\{.*?\})? (\S+)( # \{.*\} \S+ \S+)?$/.exec(line)
      expect(sample, line).not.toBeNull()
      expect(sample![1]!.slice(0, family.length)).toBe(family)
      expect(['', '_total', '_info', '_bucket', '_sum', '_count']).toContain(sample![1]!.slice(family.length))
      expect(sample![4] === undefined || sample![1]!.endsWith('_bucket')).toBe(true)
    }
  })

  it('counts what Prometheus text counts', () => {
    const metrics = new Metrics()
    const series = metrics.client('files', 'identity', 'verify', 'in_process')
    series.begin(0)
    series.end(0, 0, 5)
    const samples = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(' # ')[0])
    expect(samples(metrics.expose('openmetrics', 9))).toEqual(samples(metrics.expose('prometheus', 9)))
  })
})

describe('the schema', () => {
  it('holds the labels of all samples, and every label of a sample', () => {
    const metrics = new Metrics()
    const loop = watchEventLoop()
    const collections = watchGarbageCollection()
    const all: ((exposition: Exposition) => void)[] = [loop.collect, collections.collect, collectProcess]
    for (const collect of all) metrics.collect(collect)
    for (const series of [metrics.server('a', 'b', 'grpc'), metrics.client('a', 'b', 'c', 'grpc')]) {
      series.begin(0)
      series.end(13, 0, 1)
    }
    metrics.limiter('a', 'b', {
      limit: 1,
      inFlight: 1,
      queued: 1,
      refused: { full: 1 },
      canceled: 1,
      overloaded: false,
    })
    metrics.servlet('a', '1')
    const text = metrics.expose('prometheus')
    loop.close()
    collections.close()
    const samples = scraped(text)
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name, type]) => [name!, type!] as const,
    )
    expect(names.length).toBeGreaterThan(20)
    for (const [name, type] of names) {
      const spec: MetricSpec = metricSpecs[name as keyof typeof metricSpecs]
      expect(type).toBe(spec.type === 'info' ? 'gauge' : spec.type)
      const of = samples(type === 'histogram' ? `${name}_count` : name)
      expect([name, of.length > 0]).toEqual([name, true])
      for (const { labels } of of) expect([name, Object.keys(labels)]).toEqual([name, [...spec.labels]])
    }
  })

  it('ends names as both conventions want', () => {
    for (const [name, { type, unit, labels }] of Object.entries<MetricSpec>(metricSpecs)) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect([name, name.endsWith('_info')]).toEqual([name, type === 'info'])
      if (unit) expect(name.replace(/_total$/, '').endsWith(`_${unit}`)).toBe(true)
      for (const label of [name, ...labels]) expect(label).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
    }
  })
})
