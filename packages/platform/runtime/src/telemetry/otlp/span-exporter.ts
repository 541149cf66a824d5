import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { SpanRing } from '../tracing/span-ring.ts'
import type { Encoding, EncodingContext } from './encoding.ts'
import type { Post } from './post.ts'

/** Options of a {@link SpanExporter}. */
export interface SpanExporterOptions extends EncodingContext {
  readonly ring: SpanRing
  readonly encoding: Encoding
  readonly post: Post
  /** Sent with every request: keys, mostly. */
  readonly headers: Readonly<Record<string, string>>
  readonly compress: boolean
  /** How long spans wait for others at most. */
  readonly delayMs: number
  /** How many are sent at once at most. */
  readonly batchSize: number
  /** How long to try with one batch. */
  readonly exportTimeoutMs: number
  /** Told when spans are lost, at most once a minute. */
  readonly onProblem: (message: string, error: unknown) => void
  /** @default Math.random */
  readonly random?: () => number
}

/** Why spans were lost, as metrics name it. */
export type DropReason = 'buffer_full' | 'rejected' | 'unreachable'

/** What OTLP says may be sent again. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** The first pause before another try; each is twice the one before. */
const firstPauseMs = 1000
const longestPauseMs = 30_000

const complainEveryMs = 60_000
const compressed = promisify(gzip)

/**
 * Sends spans from the ring to a collector, one batch at a time. While that cannot be reached the ring fills up and drops
 * what is new, so an outage of the collector costs a bounded amount of memory and nothing else.
 */
export class SpanExporter {
  exported = 0
  readonly #lost = { rejected: 0, unreachable: 0 }
  readonly #options: SpanExporterOptions
  readonly #stop = new AbortController()
  /** A span is added within a request, which what is done about it later does not belong to. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #timer: NodeJS.Timeout | undefined = undefined
  #sending: Promise<void> | undefined = undefined
  #complainedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SpanExporterOptions) {
    this.#options = options
    options.ring.onAdded(this.#added)
  }

  /** How many were lost, by reason. */
  get dropped(): Readonly<Record<DropReason, number>> {
    return { buffer_full: this.#options.ring.dropped, ...this.#lost }
  }

  /** Sends everything there is, and resolves when it is sent or lost. Never rejects. */
  async flush(): Promise<void> {
    do await this.#start()
    while (this.#options.ring.size > 0 && !this.#stop.signal.aborted)
  }

  /** Flushes for as long as that may take; what is left then is lost. */
  async close(timeoutMs: number): Promise<void> {
    const { ring, onProblem } = this.#options
    const giveUp = setTimeout(() => this.#stop.abort(), timeoutMs)
    await this.flush()
    clearTimeout(giveUp)
    this.#stop.abort()
    ring.onAdded(() => {})
    const left = ring.take(ring.size).length
    this.#lost.unreachable += left
    if (left > 0) onProblem(`${left} spans were lost, because the process stops`, undefined)
  }

  readonly #added = () => {
    if (this.#sending) return
    const { ring, batchSize, delayMs } = this.#options
    if (ring.size >= batchSize) void this.#outside(this.#start)
    else this.#timer ??= this.#outside(() => setTimeout(this.#start, delayMs).unref())
  }

  readonly #start = (): Promise<void> => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending ??= this.#sendAll()
    return this.#sending
  }

  async #sendAll(): Promise<void> {
    const { ring, batchSize, clock } = this.#options
    // What is added meanwhile is for the next time, or a busy process would never be done.
    let left = ring.size
    // Not in the turn in which the last span was added, which is one of a request.
    await new Promise(setImmediate)
    while (left > 0 && !this.#stop.signal.aborted) {
      clock.adjust()
      const spans = ring.take(Math.min(left, batchSize))
      left -= spans.length
      await this.#send(spans)
    }
    this.#sending = undefined
    if (ring.size > 0 && !this.#stop.signal.aborted) this.#added()
  }

  async #send(spans: ReturnType<SpanRing['take']>): Promise<void> {
    const { encoding, exportTimeoutMs } = this.#options
    const untilMs = performance.now() + exportTimeoutMs
    let body: Uint8Array
    try {
      body = encoding.encode(spans, this.#options)
      if (this.#options.compress) body = await compressed(body)
    } catch (error) {
      this.#lose(spans.length, 'rejected', 'spans cannot be encoded', error)
      return
    }
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const outcome = await this.#try(body)
      if ('answer' in outcome) {
        const { rejected, message } = outcome.answer
        const lost = Math.min(Math.max(0, rejected), spans.length)
        this.exported += spans.length - lost
        if (lost > 0) this.#lose(lost, 'rejected', `the collector rejected spans: ${message}`, undefined)
        return
      }
      if (outcome.final)
        return this.#lose(spans.length, 'rejected', 'the collector rejected spans', outcome.error)
      const waitMs = outcome.retryAfterMs ?? pauseMs * (0.5 + (this.#options.random ?? Math.random)() / 2)
      const late = performance.now() + waitMs > untilMs
      if (late || this.#stop.signal.aborted || !(await this.#pause(waitMs)))
        return this.#lose(spans.length, 'unreachable', 'the collector cannot be reached', outcome.error)
    }
  }

  async #try(body: Uint8Array): Promise<Attempt> {
    const { encoding, headers, compress, post } = this.#options
    try {
      const fields = {
        ...headers,
        'content-type': encoding.contentType,
        ...(compress ? { 'content-encoding': 'gzip' } : {}),
      }
      const { status, retryAfterMs, body: answer } = await post(body, fields, this.#stop.signal)
      if (status >= 200 && status < 300) return { answer: encoding.decodeAnswer(answer) }
      return { final: !retryable.has(status), error: `it answered ${status}`, retryAfterMs }
    } catch (error) {
      return { final: false, error, retryAfterMs: undefined }
    }
  }

  /** False when it was given up meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await sleep(ms, undefined, { signal: this.#stop.signal, ref: false })
      return true
    } catch {
      return false
    }
  }

  #lose(count: number, reason: 'rejected' | 'unreachable', message: string, error: unknown): void {
    this.#lost[reason] += count
    const nowMs = performance.now()
    if (nowMs - this.#complainedAtMs < complainEveryMs) return
    this.#complainedAtMs = nowMs
    this.#options.onProblem(message, error)
  }
}

type Attempt =
  | { readonly answer: ReturnType<Encoding['decodeAnswer']> }
  | { readonly final: boolean; readonly error: unknown; readonly retryAfterMs: number | undefined }
