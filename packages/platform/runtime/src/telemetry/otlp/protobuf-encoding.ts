import type { Attributes } from '@opentelemetry/api'
import protobuf, { type Writer } from 'protobufjs/minimal.js'
import type { SpanEvent, SpanLink, SpanRecord } from '../tracing/span-record.ts'
import type { EncodeSpans, Encoding, EncodingContext } from './encoding.ts'
import { groupSpans } from './group-spans.ts'
import { spanAttributes } from './span-attributes.ts'
import { spanFlags } from './span-flags.ts'

/** OTLP as protobuf, field by field: a descriptor would have to be loaded for messages that never change. */
export const protobufEncoding: Encoding = {
  contentType: 'application/x-protobuf',
  encode: (...args) => encode(...args),
  decodeAnswer(body) {
    let rejected = 0
    let message = ''
    try {
      const reader = protobuf.Reader.create(body)
      while (reader.pos < reader.len) {
        const tag = reader.uint32()
        if (tag !== tagOf(1, length)) {
          reader.skipType(tag & 7)
          continue
        }
        const end = reader.uint32() + reader.pos
        while (reader.pos < end) {
          const inner = reader.uint32()
          if (inner === tagOf(1, varint)) rejected = Number(reader.int64())
          else if (inner === tagOf(2, length)) message = reader.string()
          else reader.skipType(inner & 7)
        }
      }
    } catch {
      return { rejected: 0, message: '' }
    }
    return { rejected, message }
  },
}

const varint = 0
const fixed64 = 1
const length = 2
const fixed32 = 5

function tagOf(field: number, wireType: number): number {
  return (field << 3) | wireType
}

const encode: EncodeSpans = (spans, context) => {
  const writer = protobuf.Writer.create()
  for (const { servlet, scopes } of groupSpans(spans))
    within(writer, 1, () => {
      within(writer, 1, () => writeAttributes(writer, 1, context.resourceOf(servlet)))
      for (const { scope, spans } of scopes)
        within(writer, 2, () => {
          within(writer, 1, () => {
            writer.uint32(tagOf(1, length)).string(scope.name)
            if (scope.version !== undefined) writer.uint32(tagOf(2, length)).string(scope.version)
          })
          for (const span of spans) within(writer, 2, () => writeSpan(writer, span, context))
        })
    })
  return writer.finish()
}

function writeSpan(writer: Writer, span: SpanRecord, { clock }: EncodingContext): void {
  const { details } = span
  const time = (field: number, ms: number) => writeNanos(writer, field, clock.epochMicros(ms))
  writeId(writer, 1, span.traceId)
  writeId(writer, 2, span.spanId)
  if (span.tracestate !== undefined) writer.uint32(tagOf(3, length)).string(span.tracestate)
  if (span.parentSpanId !== undefined) writeId(writer, 4, span.parentSpanId)
  writer.uint32(tagOf(5, length)).string(span.name)
  writer.uint32(tagOf(6, varint)).uint32(span.kind)
  time(7, span.startMs)
  time(8, span.endMs)
  writeAttributes(writer, 9, spanAttributes(span))
  if (details) {
    writer.uint32(tagOf(10, varint)).uint32(details.droppedAttributes)
    for (const event of details.events) within(writer, 11, () => writeEvent(writer, event, time))
    writer.uint32(tagOf(12, varint)).uint32(details.droppedEvents)
    for (const link of details.links) within(writer, 13, () => writeLink(writer, link))
    writer.uint32(tagOf(14, varint)).uint32(details.droppedLinks)
  }
  if (span.status !== 0)
    within(writer, 15, () => {
      if (details?.statusMessage !== undefined) writer.uint32(tagOf(2, length)).string(details.statusMessage)
      writer.uint32(tagOf(3, varint)).uint32(span.status)
    })
  writer.uint32(tagOf(16, fixed32)).fixed32(spanFlags(span))
}

function writeEvent(writer: Writer, event: SpanEvent, time: (field: number, ms: number) => void): void {
  time(1, event.atMs)
  writer.uint32(tagOf(2, length)).string(event.name)
  writeAttributes(writer, 3, event.attributes)
}

function writeLink(writer: Writer, link: SpanLink): void {
  writeId(writer, 1, link.traceId)
  writeId(writer, 2, link.spanId)
  writeAttributes(writer, 4, link.attributes)
  writer.uint32(tagOf(6, fixed32)).fixed32(link.flags)
}

function writeId(writer: Writer, field: number, hex: string): void {
  writer.uint32(tagOf(field, length)).bytes(Buffer.from(hex, 'hex'))
}

/** A fixed64 in its two halves, since no number holds it. */
function writeNanos(writer: Writer, field: number, micros: number): void {
  const nanos = BigInt(micros) * 1000n
  writer
    .uint32(tagOf(field, fixed64))
    .fixed32(Number(nanos & 0xffffffffn))
    .fixed32(Number(nanos >> 32n))
}

function writeAttributes(writer: Writer, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes))
    within(writer, field, () => {
      writer.uint32(tagOf(1, length)).string(key)
      within(writer, 2, () => writeValue(writer, value))
    })
}

function writeValue(writer: Writer, value: unknown): void {
  if (typeof value === 'string') writer.uint32(tagOf(1, length)).string(value)
  else if (typeof value === 'boolean') writer.uint32(tagOf(2, varint)).bool(value)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.uint32(tagOf(3, varint)).int64(value)
    else writer.uint32(tagOf(4, fixed64)).double(value)
  } else if (Array.isArray(value))
    within(writer, 5, () => {
      for (const item of value) within(writer, 1, () => writeValue(writer, item))
    })
}

function within(writer: Writer, field: number, write: () => void): void {
  writer.uint32(tagOf(field, length)).fork()
  write()
  writer.ldelim()
}
