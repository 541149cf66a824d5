import type { AttributeValue } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributesOf } from '../fixtures/otlp-receiver.ts'
import { readJson, readProtobuf } from '../fixtures/otlp-schema.ts'
import { attributeValue } from '../tracing/attribute-value.ts'
import type { SpanRecord } from '../tracing/span-record.ts'
import type { EncodingContext } from './encoding.ts'
import { jsonEncoding } from './json-encoding.ts'
import { protobufEncoding } from './protobuf-encoding.ts'
import { resources } from './resource.ts'
import { WallClock } from './wall-clock.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const simple = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e300, -1, 2 ** 53, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.NaN),
)
const attribute = fc
  .oneof(simple, fc.array(fc.option(fc.string())), fc.array(fc.double()), fc.constant([]))
  .map((value) => attributeValue(value) as AttributeValue)
const attributes = fc.dictionary(fc.string({ minLength: 1 }), attribute, {
  maxKeys: 4,
  noNullPrototype: true,
})
const text = fc.string({ unit: 'grapheme' })
const time = fc.double({ min: 0, max: 1e9, noNaN: true })

const record: fc.Arbitrary<SpanRecord> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  parentRemote: fc.boolean(),
  flags: fc.nat({ max: 3 }),
  tracestate: fc.option(fc.constantFrom('a=1', 'a=1,b=2'), { nil: undefined }),
  source: fc.record({
    servlet: fc.constantFrom('files', 'identity', ''),
    scope: fc.record({
      name: fc.constantFrom('@atlas/runtime', 'theirs'),
      version: fc.option(text, { nil: undefined }),
    }),
    attributes,
  }),
  name: text,
  kind: fc.constantFrom(1, 2, 3, 4, 5),
  status: fc.constantFrom(0, 1, 2),
  startMs: time,
  endMs: time,
  codeNumber: fc.integer({ min: -1, max: 16 }),
  httpStatus: fc.constantFrom(0, 200, 404),
  bytesIn: fc.integer({ min: -1, max: 2 ** 40 }),
  bytesOut: fc.integer({ min: -1, max: 2 ** 40 }),
  path: fc.option(text, { nil: undefined }),
  details: fc.option(
    fc.record({
      attributes: attributes.map((given) => new Map(Object.entries(given))),
      droppedAttributes: fc.nat({ max: 9 }),
      events: fc.array(fc.record({ atMs: time, name: text, attributes }), { maxLength: 2 }),
      droppedEvents: fc.nat({ max: 9 }),
      links: fc.array(
        fc.record({ traceId: hex(32), spanId: hex(16), flags: fc.nat({ max: 3 }), attributes }),
        {
          maxLength: 2,
        },
      ),
      droppedLinks: fc.nat({ max: 9 }),
      statusMessage: fc.option(text, { nil: undefined }),
    }),
    { nil: undefined },
  ),
})

const context: EncodingContext = {
  resourceOf: resources({
    attributes: { 'deployment.environment.name': 'test' },
    versionOf: (servlet) => (servlet === 'files' ? '1.2.3' : undefined),
    runtimeVersion: '0.1.0',
  }),
  clock: new WallClock(),
}

/** Protobuf does not tell what is missing from what is empty. */
function withoutDefaults(value: any): any {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !isDefault(key, item))
      .map(([key, item]) => [key, withoutDefaults(item)]),
  )
}

function isDefault(key: string, item: unknown): boolean {
  // Of a value, one of several fields is there, and says which it is.
  if (key.endsWith('Value')) return false
  return item === '' || item === 0 || (Array.isArray(item) && item.length === 0)
}

describe('both encodings', () => {
  it("say the same, by OpenTelemetry's own schema", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), (spans) => {
        const json = readJson(jsonEncoding.encode(spans, context))
        const binary = readProtobuf(protobufEncoding.encode(spans, context))
        expect(withoutDefaults(json)).toEqual(withoutDefaults(binary))
      }),
      { numRuns: 300 },
    )
  })

  it('keep every span with its attributes, below the servlet it is of', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (spans) => {
        const { resourceSpans } = readJson(jsonEncoding.encode(spans, context))
        const sent = resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
          scopeSpans.flatMap((scope: any) =>
            scope.spans.map((span: any) => ({ span, resource: attributesOf(resource.attributes) })),
          ),
        )
        expect(sent).toHaveLength(spans.length)
        for (const { span, resource } of sent) {
          const record = spans.find(
            ({ spanId, traceId }) => spanId === span.spanId && traceId === span.traceId,
          )!
          expect(resource['service.name']).toBe(record.source.servlet || 'atlas')
          expect(resource['service.version']).toBe(record.source.servlet === 'files' ? '1.2.3' : undefined)
          const seen = attributesOf(span.attributes)
          for (const [key, value] of record.details?.attributes ?? [])
            expect(seen[key]).toEqual(readable(value))
        }
      }),
    )
  })
})

/** As JSON writes numbers that it has not. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return Object.is(value, -0) ? 0 : value
}

describe('the answer of a collector', () => {
  it.each([
    [
      '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no room"}}',
      { rejected: 3, message: 'no room' },
    ],
    ['{"partialSuccess":{}}', { rejected: 0, message: '' }],
    ['{}', { rejected: 0, message: '' }],
    ['', { rejected: 0, message: '' }],
    ['<html>', { rejected: 0, message: '' }],
  ])('in JSON, %s', (body, expected) => {
    expect(jsonEncoding.decodeAnswer(Buffer.from(body))).toEqual(expected)
  })

  it('in protobuf is read, and what is none says nothing', () => {
    const answer = Buffer.from([0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f])
    expect(protobufEncoding.decodeAnswer(answer)).toEqual({ rejected: 3, message: 'no' })
    fc.assert(
      fc.property(fc.uint8Array(), (body) => {
        const { rejected, message } = protobufEncoding.decodeAnswer(body)
        expect([typeof rejected, typeof message]).toEqual(['number', 'string'])
      }),
    )
  })
})

describe('times', () => {
  it('follow the clock of the machine when that is corrected, and not when it trembles', () => {
    const clock = new WallClock()
    clock.adjust(1_700_000_000_000, 1000)
    expect(clock.epochMicros(1000)).toBe(1_700_000_000_000_000)
    clock.adjust(1_700_000_001_002, 2000)
    expect(clock.epochMicros(2000.5)).toBe(1_700_000_001_000_500)
    clock.adjust(1_700_000_062_000, 3000)
    expect(clock.epochMicros(3000)).toBe(1_700_000_062_000_000)
  })
})
