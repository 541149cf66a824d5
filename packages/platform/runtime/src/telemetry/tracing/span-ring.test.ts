import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecordingSpan } from './recording-span.ts'
import { type SpanRecord, type SpanSource, spanKinds } from './span-record.ts'
import { SpanRing } from './span-ring.ts'

const source: SpanSource = { servlet: 'files', scope: { name: 'test', version: undefined }, attributes: {} }
const word = fc.nat({ max: 0xffffffff })
const spans = fc.record({
  words: fc.array(word, { minLength: 8, maxLength: 8 }),
  flags: fc.nat({ max: 3 }),
  parentRemote: fc.boolean(),
  kind: fc.constantFrom(...Object.values(spanKinds)),
  status: fc.constantFrom(0, 1, 2),
  startMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  tookMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  codeNumber: fc.integer({ min: -1, max: 16 }),
  httpStatus: fc.nat({ max: 599 }),
  bytes: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  name: fc.string(),
  tracestate: fc.option(fc.string(), { nil: undefined }),
})
const hex = (words: number[]) => words.map((one) => one.toString(16).padStart(8, '0')).join('')

it('hands out the oldest first, as they were, and drops what does not fit', () => {
  const steps = fc.array(fc.oneof(spans, fc.nat({ max: 6 })))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (capacity, all) => {
      const ring = new SpanRing(capacity)
      const expected: SpanRecord[] = []
      let dropped = 0
      for (const step of all) {
        if (typeof step === 'number') {
          expect(ring.take(step)).toEqual(expected.splice(0, step))
          continue
        }
        const { words, startMs, tookMs, bytes, ...rest } = step
        const span = new RecordingSpan(ring, source, rest.name, rest.kind, startMs)
        const [t0, t1, t2, t3, s0, s1, p0, p1] = words as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ]
        Object.assign(span, { t0, t1, t2, t3, s0, s1, p0, p1, ...rest, bytesIn: bytes, bytesOut: bytes })
        span.endAt(startMs + tookMs)
        if (expected.length === capacity) dropped += 1
        else
          expected.push({
            ...rest,
            traceId: hex([t0, t1, t2, t3]),
            spanId: hex([s0, s1]),
            parentSpanId: p0 + p1 === 0 ? undefined : hex([p0, p1]),
            startMs,
            endMs: startMs + tookMs,
            bytesIn: bytes,
            bytesOut: bytes,
            status: rest.status as SpanRecord['status'],
            source,
            path: undefined,
            details: undefined,
          })
        expect(ring.size).toBe(expected.length)
      }
      expect(ring.dropped).toBe(dropped)
    }),
  )
})
