import { AtlasError } from '@atlas/contract'
import { type Clock, systemClock } from './clock.ts'
import { type ConcurrencyLimit, GradientLimit } from './gradient-limit.ts'
import type { Outcome } from './outcome.ts'
import { OverloadCeiling, type OverloadSign } from './overload-ceiling.ts'
import type { Priority } from './priority.ts'
import { RecentTimes } from './recent-times.ts'
import { noRefusals, type RefusalReason, type Refusals, refusal } from './refusal.ts'
import { retryAfterMs } from './retry-after.ts'
import { Ticket, type TicketOffice } from './ticket.ts'
import { Waiting } from './waiting.ts'
import { WaitingRoom } from './waiting-room.ts'

/** What is known of a request that wants in. A request scope is one. */
export interface EnterOptions {
  /** When the caller stops waiting, in milliseconds since 1970. @default nobody knows; it waits `maxWaitMs` at most */
  readonly deadline?: number | undefined
  /** @default 'normal' */
  readonly priority?: Priority | undefined
  /** Gives up the wait; not looked at unless there is one. */
  readonly signal?: AbortSignal | undefined
}

/** Options of {@link createAdmission}. */
export interface AdmissionOptions {
  /** How many run at once. @default a {@link GradientLimit} with its defaults */
  readonly limit?: ConcurrencyLimit
  /** Says that the whole process is overloaded. @default nobody does */
  readonly guard?: OverloadSign
  /** @default the system's */
  readonly clock?: Clock
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number
  /** How many wait at most, because waiting takes memory. @default 1000 */
  readonly maxQueued?: number
  /** How long one waits, and how long the work that waits may take. @default 1 s: most callers are still there */
  readonly maxWaitMs?: number
  /** When somebody waited at all times for that long, it is no burst but overload. @default 250 ms */
  readonly overloadedAfterMs?: number
  /** `maxWaitMs` under overload. @default 100 ms: a queue that stays serves nobody more and delays everybody */
  readonly overloadedWaitMs?: number
}

/** Lets in as many requests of one class of endpoints as can be served, and refuses the others early. */
export interface Admission {
  /**
   * Asks to run. There is a ticket at once where there is room; else a promise of one. The ticket must be handed back,
   * also when the signal aborted meanwhile.
   *
   * @throws AtlasError, or rejects with one: `resource_exhausted` when there are too many, `unavailable` when the process
   * is overloaded or drains, both with `data: { retryAfterMs }`; `deadline_exceeded`; the signal's reason
   */
  enter(options?: EnterOptions): Ticket | Promise<Ticket>
  /**
   * Refuses whom `enter` would refuse now, and takes no place: for what it costs to get there, such as reading a body.
   *
   * @throws AtlasError as `enter` does
   */
  check(options?: EnterOptions): void
  /** From now on nobody new is let in. Those who wait still are, because they were accepted. */
  drain(): void
  /** How many run. */
  readonly inFlight: number
  /** How many may run. */
  readonly limit: number
  /** How many wait. */
  readonly queued: number
  /** How many were refused since the start. */
  readonly refused: Refusals
  /** How many stopped waiting by themselves since the start. */
  readonly canceled: number
  /** Whether somebody was refused in the last second, or waits for too long. */
  readonly overloaded: boolean
}

/** How often those who wait are looked at when nothing else happens. */
const sweepMs = 50

/** After that time a third of those refused still count as likely to come back. */
const refusedMemoryMs = 1000

/** Makes the admission of one class of endpoints. */
export function createAdmission(options: AdmissionOptions = {}): Admission {
  return new Gate(options)
}

class Gate implements Admission, TicketOffice {
  inFlight = 0
  canceled = 0
  readonly refused = noRefusals()
  readonly #limit: ConcurrencyLimit
  readonly #process: OverloadCeiling
  readonly #clock: Clock
  readonly #random: () => number
  readonly #maxQueued: number
  readonly #maxWaitMs: number
  readonly #overloadedAfterMs: number
  readonly #overloadedWaitMs: number
  readonly #times = new RecentTimes()
  readonly #room = new WaitingRoom()
  #draining = false
  /**
   * Sweeps during which there was always somebody who waited. The time would not do: after a pause of the whole process it
   * has passed, and nothing was tried yet.
   */
  #sweeps = 0
  #sweeping = false
  #refusedLately = 0
  #refusedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: AdmissionOptions) {
    this.#limit = options.limit ?? new GradientLimit(options.random ? { random: options.random } : {})
    this.#process = new OverloadCeiling(options.guard, this.#limit.min)
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#maxQueued = options.maxQueued ?? 1000
    this.#maxWaitMs = options.maxWaitMs ?? 1000
    this.#overloadedAfterMs = options.overloadedAfterMs ?? 250
    this.#overloadedWaitMs = options.overloadedWaitMs ?? 100
  }

  get limit(): number {
    return this.#limit.current
  }

  get queued(): number {
    return this.#room.size
  }

  get overloaded(): boolean {
    return this.#isOverload() || this.#clock.monotonicMs() - this.#refusedAtMs < refusedMemoryMs
  }

  enter(options?: EnterOptions): Ticket | Promise<Ticket> {
    if (this.#draining) throw this.#refusal('draining')
    const ceiling = this.#process.ceiling(this.inFlight)
    if (this.inFlight < this.#limit.current && this.inFlight < ceiling) {
      this.inFlight += 1
      return new Ticket(this, this.#clock.monotonicMs(), 0)
    }
    if (this.#room.size >= ceiling) throw this.#refusal('event_loop')
    return this.#wait(options?.deadline, options?.priority ?? 'normal', options?.signal)
  }

  check(options?: EnterOptions): void {
    if (this.#draining) throw this.#refusal('draining')
    if (this.#process.turnSpent()) throw this.#refusal('event_loop')
    const ceiling = this.#process.ceiling(this.inFlight)
    if (this.inFlight < this.#limit.current && this.inFlight < ceiling) return
    // As many wait as may run: each that ends is followed at once, and not only when the loop comes to read again.
    if (this.#room.size >= ceiling) throw this.#refusal('event_loop')
    const late = this.#latenessInQueue(options?.deadline)
    if (late) throw this.#refusal(late)
    if ((options?.priority ?? 'normal') !== 'high' && this.#room.size >= this.#mostQueued())
      throw this.#refusal('full')
  }

  drain(): void {
    this.#draining = true
  }

  leave(startedMs: number, outcome: Outcome, awayMs: number): void {
    if (outcome !== 'ignored') {
      const nowMs = this.#clock.monotonicMs()
      const tookMs = nowMs - startedMs
      this.#times.add(tookMs)
      this.#limit.sample(
        startedMs,
        nowMs,
        Math.max(0, tookMs - awayMs),
        this.inFlight,
        outcome === 'timed-out',
      )
    }
    this.inFlight -= 1
    if (this.#room.size > 0) this.#admitWaiting(this.#clock.monotonicMs())
  }

  #wait(deadline: number | undefined, priority: Priority, signal: AbortSignal | undefined): Promise<Ticket> {
    if (signal?.aborted) {
      this.canceled += 1
      throw AtlasError.from(signal.reason)
    }
    const nowMs = this.#clock.monotonicMs()
    const late = this.#latenessInQueue(deadline)
    if (late) throw this.#refusal(late)
    if (this.#room.size >= this.#mostQueued()) {
      const displaced = this.#room.takeLessImportant(priority)
      if (!displaced) throw this.#refusal('full')
      displaced.refuse(this.#refusal('displaced'))
    }

    if (this.#room.size === 0) this.#sweeps = 0
    const waiting = new Waiting({ priority, sinceMs: nowMs, deadline, signal, leave: this.#cancel })
    this.#room.add(waiting)
    this.#sweepLater()
    return waiting.ticket
  }

  readonly #cancel = (waiting: Waiting): void => {
    this.#room.remove(waiting)
    this.canceled += 1
  }

  #admitWaiting(nowMs: number): void {
    // Under overload not everybody is served in time, and the newest have the best chance to be.
    const order = this.#isOverload() ? 'newest' : 'oldest'
    const beforeMs = nowMs - this.#patienceMs()
    for (let gone = this.#room.takeOlder(beforeMs); gone; gone = this.#room.takeOlder(beforeMs))
      gone.refuse(this.#refusal('waited'))
    while (this.#room.size > 0 && this.#mayRun()) {
      const waiting = this.#room.take(order)!
      const { deadline, sinceMs } = waiting.init
      const late = this.#lateness(deadline, 0)
      if (late) waiting.refuse(this.#refusal(late))
      else {
        this.inFlight += 1
        waiting.admit(new Ticket(this, nowMs, nowMs - sinceMs))
      }
    }
  }

  #mayRun(): boolean {
    return this.inFlight < this.#limit.current && this.inFlight < this.#process.ceiling(this.inFlight)
  }

  /** Whether there is no point in serving somebody: half of the handlers take longer than is left. */
  #lateness(deadline: number | undefined, aheadMs: number): 'late' | 'expired' | undefined {
    if (deadline === undefined) return undefined
    const leftMs = deadline - this.#clock.epochMs()
    if (leftMs <= 0) return 'expired'
    return leftMs < aheadMs + this.#times.medianMs ? 'late' : undefined
  }

  /** The same of somebody who comes now. */
  #latenessInQueue(deadline: number | undefined): 'late' | 'expired' | undefined {
    return this.#lateness(deadline, this.#isOverload() ? 0 : this.#room.size / this.#servedPerMs())
  }

  #isOverload(): boolean {
    return this.#room.size > 0 && this.#sweeps * sweepMs >= this.#overloadedAfterMs
  }

  #patienceMs(): number {
    return this.#isOverload() ? this.#overloadedWaitMs : this.#maxWaitMs
  }

  /** No more than are served while they are patient. */
  #mostQueued(): number {
    return Math.min(this.#maxQueued, Math.max(1, this.#servedPerMs() * this.#patienceMs()))
  }

  /** By Little's law, since there is somebody who waits only when the limit is reached. */
  #servedPerMs(): number {
    const { meanMs } = this.#times
    return meanMs > 0 ? this.#limit.current / meanMs : Number.POSITIVE_INFINITY
  }

  #refusal(reason: RefusalReason): AtlasError {
    this.refused[reason] += 1
    const nowMs = this.#clock.monotonicMs()
    const faded = Math.exp((this.#refusedAtMs - nowMs) / refusedMemoryMs)
    this.#refusedLately = this.#refusedLately * faded + 1
    this.#refusedAtMs = nowMs
    const requests = this.#room.size + this.#refusedLately
    const servedPerMs = this.#servedPerMs()
    return refusal(reason, retryAfterMs({ requests, servedPerMs, random: this.#random() }))
  }

  #sweepLater(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#clock.callIn(sweepMs, () => {
      this.#sweeping = false
      if (this.#room.size === 0) return
      this.#sweeps += 1
      const nowMs = this.#clock.monotonicMs()
      this.#limit.tick(nowMs)
      this.#admitWaiting(nowMs)
      if (this.#room.size > 0) this.#sweepLater()
    })
  }
}
