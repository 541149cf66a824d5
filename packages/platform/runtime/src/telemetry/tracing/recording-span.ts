import type { Attributes, Exception, Link, SpanStatus, TimeInput } from '@opentelemetry/api'
import { attributeValue, validAttributes } from './attribute-value.ts'
import {
  type SpanDetails,
  type SpanKindNumber,
  type SpanSource,
  type SpanStatusNumber,
  spanStatuses,
} from './span-record.ts'
import type { SpanRing } from './span-ring.ts'
import { sinceOrigin } from './time-input.ts'
import { TraceContext } from './trace-context.ts'

/** OpenTelemetry's default limit on attributes, events and links of one span. */
const most = 128

/** A span that is recorded. When it ends it is copied to the ring, and nothing said after that counts. */
export class RecordingSpan extends TraceContext {
  name: string
  readonly kind: SpanKindNumber
  readonly source: SpanSource
  startMs: number
  endMs = 0
  /** The parent's id; both are 0 at the root. */
  p0 = 0
  p1 = 0
  parentRemote = false
  status: SpanStatusNumber = spanStatuses.unset
  codeNumber = -1
  httpStatus = 0
  bytesIn = -1
  bytesOut = -1
  path: string | undefined = undefined
  details: SpanDetails | undefined = undefined
  /** Ended by the platform, when the request is over, and not by user code that finds it active. */
  managed = false
  readonly #ring: SpanRing
  #ended = false

  constructor(ring: SpanRing, source: SpanSource, name: string, kind: SpanKindNumber, startMs: number) {
    super()
    this.#ring = ring
    this.source = source
    this.name = name
    this.kind = kind
    this.startMs = startMs
  }

  override isRecording(): boolean {
    return !this.#ended
  }

  override setAttribute(key: string, given: unknown): this {
    const value = attributeValue(given)
    if (this.#ended || key === '' || value === undefined) return this
    const details = this.#details()
    if (details.attributes.has(key) || details.attributes.size < most) details.attributes.set(key, value)
    else details.droppedAttributes += 1
    return this
  }

  override setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value)
    return this
  }

  override addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this
    const details = this.#details()
    if (details.events.length >= most) {
      details.droppedEvents += 1
      return this
    }
    const attributes = isTime(attributesOrTime) ? undefined : attributesOrTime
    const at = isTime(attributesOrTime) ? attributesOrTime : time
    details.events.push({ atMs: sinceOrigin(at), name, attributes: validAttributes(attributes, most) })
    return this
  }

  override addLink({ context, attributes }: Link): this {
    if (this.#ended) return this
    const details = this.#details()
    const { traceId, spanId, traceFlags } = context
    if (details.links.length >= most) details.droppedLinks += 1
    else
      details.links.push({
        traceId,
        spanId,
        flags: traceFlags,
        attributes: validAttributes(attributes, most),
      })
    return this
  }

  override addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }

  /** As the specification wants: nothing changes an `ok`, and nothing goes back to `unset`. */
  override setStatus({ code, message }: SpanStatus): this {
    if (this.#ended || this.status === spanStatuses.ok || code === 0) return this
    this.status = code as SpanStatusNumber
    if (message !== undefined || this.details)
      this.#details().statusMessage = code === spanStatuses.error ? message : undefined
    return this
  }

  /** Says what the status means. */
  describeStatus(message: string): void {
    this.#details().statusMessage = message
  }

  override updateName(name: string): this {
    if (!this.#ended) this.name = name
    return this
  }

  /** As an event with OpenTelemetry's names. */
  override recordException(exception: Exception, time?: TimeInput): void {
    const { name, message, stack, code } = (
      typeof exception === 'string' ? { message: exception } : exception
    ) as { name?: string; message?: string; stack?: string; code?: string | number }
    this.addEvent(
      'exception',
      {
        'exception.type': name ?? (code === undefined ? undefined : String(code)),
        'exception.message': message,
        'exception.stacktrace': stack,
      },
      time,
    )
  }

  override end(endTime?: TimeInput): void {
    if (!this.managed) this.endAt(endTime === undefined ? performance.now() : sinceOrigin(endTime))
  }

  /** @param endMs since `performance.timeOrigin` */
  endAt(endMs: number): void {
    if (this.#ended) return
    this.#ended = true
    this.endMs = Math.max(this.startMs, endMs)
    this.#ring.add(this)
  }

  #details(): SpanDetails {
    this.details ??= {
      attributes: new Map(),
      droppedAttributes: 0,
      events: [],
      droppedEvents: 0,
      links: [],
      droppedLinks: 0,
      statusMessage: undefined,
    }
    return this.details
  }
}

function isTime(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value)
}
