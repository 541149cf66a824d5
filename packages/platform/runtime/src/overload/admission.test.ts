import { AtlasError } from '@atlas/contract'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type AdmissionOptions, createAdmission, type EnterOptions } from './admission.ts'
import type { ConcurrencyLimit } from './gradient-limit.ts'
import { outcomeOf } from './outcome.ts'
import type { Priority } from './priority.ts'
import type { RefusalReason } from './refusal.ts'
import { settle, VirtualTime } from './testing/virtual-time.ts'
import { Ticket } from './ticket.ts'

/** A limit that is what the test says. */
class SetLimit implements ConcurrencyLimit {
  current: number
  readonly min: number
  readonly samples: { busyMs: number; inFlight: number; timedOut: boolean }[] = []
  ticks = 0

  constructor(current: number, min = 1) {
    this.current = current
    this.min = min
  }

  sample(_startedMs: number, _nowMs: number, busyMs: number, inFlight: number, timedOut: boolean): void {
    this.samples.push({ busyMs, inFlight, timedOut })
  }

  tick(): void {
    this.ticks += 1
  }
}

let time: VirtualTime
let limit: SetLimit

beforeEach(() => {
  time = new VirtualTime()
  limit = new SetLimit(2)
})

const admissionOf = (options: AdmissionOptions = {}) =>
  createAdmission({ limit, clock: time, random: () => 0, ...options })

type Admission = ReturnType<typeof admissionOf>

/** Enters, and keeps what comes of it. */
function enter(admission: Admission, options?: EnterOptions) {
  const entry: { ticket?: Ticket; error?: AtlasError; waits?: boolean } = {}
  try {
    const entered = admission.enter(options)
    if (entered instanceof Ticket) entry.ticket = entered
    else {
      entry.waits = true
      entered.then(
        (ticket) => {
          entry.ticket = ticket
          entry.waits = false
        },
        (error) => {
          entry.error = error
          entry.waits = false
        },
      )
    }
  } catch (error) {
    entry.error = error as AtlasError
  }
  return entry
}

function refusalOf(ask: () => void): unknown {
  try {
    ask()
  } catch (reason) {
    return reason
  }
  return undefined
}

/** Lets as many in as may run, and remembers that a handler takes that long. */
function fill(admission: Admission, handlerMs = 0): Ticket[] {
  const tickets: Ticket[] = []
  if (handlerMs > 0) {
    const first = Array.from({ length: limit.current }, () => admission.enter() as Ticket)
    time.nowMs += handlerMs
    for (const ticket of first) ticket.done('served')
  }
  while (admission.inFlight < limit.current) tickets.push(admission.enter() as Ticket)
  return tickets
}

describe('while there is room', () => {
  it('gives a ticket at once', () => {
    const admission = admissionOf()
    const ticket = admission.enter()
    expect(ticket).toBeInstanceOf(Ticket)
    expect((ticket as Ticket).waitedMs).toBe(0)
    expect(admission.inFlight).toBe(1)
  })

  it('looks at nothing that costs', () => {
    const admission = admissionOf()
    const options = {
      get signal(): AbortSignal {
        throw new Error('signals are made when somebody looks')
      },
    }
    expect(admission.enter(options)).toBeInstanceOf(Ticket)
  })

  it('tells the limit how long it took and how many ran, without what was waited for others', () => {
    const admission = admissionOf()
    const [one, two] = fill(admission)
    time.nowMs += 30
    one!.done('served', 20)
    two!.done('timed-out')
    expect(limit.samples).toEqual([
      { busyMs: 10, inFlight: 2, timedOut: false },
      { busyMs: 30, inFlight: 1, timedOut: true },
    ])
  })

  it('does not tell of what says nothing', () => {
    const admission = admissionOf()
    fill(admission)[0]!.done(outcomeOf(new AtlasError('not_found', 'no such thing')))
    expect(limit.samples).toEqual([])
    expect(admission.inFlight).toBe(1)
  })

  it('takes a ticket back once', () => {
    const admission = admissionOf()
    const [ticket] = fill(admission)
    ticket!.done('served')
    ticket!.done('served')
    expect(admission.inFlight).toBe(1)
    expect(limit.samples).toHaveLength(1)
  })
})

describe('when the limit is reached', () => {
  it('lets the others wait, first come first served, and does not count the wait as handler time', async () => {
    const admission = admissionOf()
    const [one, two] = fill(admission)
    const third = enter(admission)
    const fourth = enter(admission)
    expect(admission.queued).toBe(2)
    time.nowMs += 40
    one!.done('served')
    await settle()
    expect(third.ticket?.waitedMs).toBe(40)
    expect(fourth.waits).toBe(true)
    two!.done('served')
    await settle()
    time.nowMs += 5
    fourth.ticket!.done('served')
    expect(limit.samples.at(-1)!.busyMs).toBe(5)
  })

  it('heeds a limit that grew or shrank', async () => {
    const admission = admissionOf()
    const [one, two] = fill(admission)
    limit.current = 1
    const third = enter(admission)
    one!.done('served')
    await settle()
    expect(third.waits).toBe(true)
    limit.current = 3
    const fourth = enter(admission)
    expect(fourth.ticket).toBeDefined()
    two!.done('served')
    await settle()
    expect(third.ticket).toBeDefined()
  })

  it('lets the more important go first', async () => {
    const admission = admissionOf({})
    const [one, two] = fill(admission)
    const low = enter(admission, { priority: 'low' })
    const normal = enter(admission)
    const high = enter(admission, { priority: 'high' })
    one!.done('served')
    two!.done('served')
    await settle()
    expect([high.waits, normal.waits, low.waits]).toEqual([false, false, true])
  })

  it('refuses at once when too many wait', () => {
    const admission = admissionOf({ maxQueued: 1 })
    fill(admission)
    enter(admission)
    const { error } = enter(admission)
    expect(error).toBeInstanceOf(AtlasError)
    expect(error).toMatchObject({ code: 'resource_exhausted', httpStatus: 429, data: { retryAfterMs: 1000 } })
    expect(admission.refused.full).toBe(1)
  })

  it('refuses more than are served while they are patient', () => {
    const admission = admissionOf({ maxWaitMs: 1000 })
    fill(admission, 250)
    // Two at once of 250 ms are eight in a second.
    const waiting = Array.from({ length: 10 }, () => enter(admission))
    expect(waiting.filter(({ waits }) => waits)).toHaveLength(8)
    expect(admission.refused.full).toBe(2)
  })

  it('refuses somebody less important in place of somebody more important', async () => {
    const admission = admissionOf({ maxQueued: 2 })
    fill(admission)
    const low = enter(admission, { priority: 'low' })
    const normal = enter(admission)
    const high = enter(admission, { priority: 'high' })
    await settle()
    expect(low.error).toMatchObject({ code: 'resource_exhausted' })
    expect([normal.waits, high.waits]).toEqual([true, true])
    expect(enter(admission).error).toMatchObject({ code: 'resource_exhausted' })
    expect(admission.refused).toMatchObject({ displaced: 1, full: 1 })
  })

  it('tells those it refuses to stay away longer, the more of them there are', () => {
    const admission = admissionOf({ maxQueued: 1 })
    fill(admission, 1000)
    enter(admission)
    const hints = Array.from(
      { length: 20 },
      () => (enter(admission).error!.data as { retryAfterMs: number }).retryAfterMs,
    )
    expect(hints[0]).toBe(1000)
    expect(hints[19]).toBe(10_500)
    time.nowMs += 60_000
    expect(enter(admission).error!.data).toEqual({ retryAfterMs: 1000 })
  })

  it('stops waiting when the signal aborts', async () => {
    const admission = admissionOf()
    const [one] = fill(admission)
    const controller = new AbortController()
    const third = enter(admission, { signal: controller.signal })
    const fourth = enter(admission)
    controller.abort(new AtlasError('canceled', 'the client went away'))
    await settle()
    expect(third.error).toMatchObject({ code: 'canceled', message: 'the client went away' })
    expect([admission.queued, admission.canceled]).toEqual([1, 1])
    one!.done('served')
    await settle()
    expect(fourth.ticket).toBeDefined()
  })

  it('does not begin to wait when the signal aborted already', () => {
    const admission = admissionOf()
    fill(admission)
    expect(enter(admission, { signal: AbortSignal.abort() }).error).toMatchObject({ code: 'canceled' })
    expect(admission.canceled).toBe(1)
  })

  it('keeps a ticket that was there before the signal aborted', async () => {
    const admission = admissionOf()
    const [one] = fill(admission)
    const controller = new AbortController()
    const third = enter(admission, { signal: controller.signal })
    one!.done('served')
    controller.abort()
    await settle()
    expect(third.ticket).toBeDefined()
    expect(admission.inFlight).toBe(2)
    third.ticket!.done('ignored')
    expect([admission.inFlight, admission.canceled]).toEqual([1, 0])
  })
})

describe('deadlines', () => {
  it('refuses at once what would wait for too long', () => {
    const admission = admissionOf()
    fill(admission, 100)
    expect(enter(admission, { deadline: time.nowMs + 99 }).error).toMatchObject({
      code: 'resource_exhausted',
    })
    expect(enter(admission, { deadline: time.nowMs + 101 }).waits).toBe(true)
    // One waits already, which takes half of a handler's time with two at once.
    expect(enter(admission, { deadline: time.nowMs + 149 }).error).toMatchObject({
      code: 'resource_exhausted',
    })
    expect(enter(admission, { deadline: time.nowMs + 151 }).waits).toBe(true)
    expect(admission.refused.late).toBe(2)
  })

  it('does not run what cannot be done in time any more', async () => {
    const admission = admissionOf()
    const [one] = fill(admission, 100)
    const hasty = enter(admission, { deadline: time.nowMs + 120 })
    const patient = enter(admission, { deadline: time.nowMs + 500 })
    time.nowMs += 50
    one!.done('served')
    await settle()
    expect(hasty.error).toMatchObject({ code: 'resource_exhausted', message: /before its deadline/ })
    expect(patient.ticket).toBeDefined()
    expect(admission.refused.late).toBe(1)
  })

  it('says so when a deadline passed', async () => {
    const admission = admissionOf()
    const [one] = fill(admission)
    const waiting = enter(admission, { deadline: time.nowMs + 10 })
    time.nowMs += 10
    one!.done('served')
    await settle()
    expect(waiting.error).toMatchObject({ code: 'deadline_exceeded' })
    expect(admission.refused.expired).toBe(1)
  })

  it('refuses those who waited for too long, though nothing ends', async () => {
    const admission = admissionOf({ overloadedAfterMs: Number.POSITIVE_INFINITY })
    fill(admission)
    const waiting = enter(admission)
    await time.runUntil(1000)
    expect(waiting.waits).toBe(true)
    await time.runUntil(1100)
    expect(waiting.error).toMatchObject({ code: 'resource_exhausted', message: /waited/ })
    expect(admission.queued).toBe(0)
    const ticks = limit.ticks
    expect(ticks).toBeGreaterThan(0)
    await time.runUntil(5000)
    expect(limit.ticks).toBe(ticks)
  })

  it('looks again at those who wait when the limit grew by itself', async () => {
    const admission = admissionOf()
    fill(admission)
    const waiting = enter(admission)
    limit.current = 3
    await time.runUntil(60)
    expect(waiting.ticket).toBeDefined()
  })
})

describe('under overload that lasts', () => {
  /** Somebody waits at all times for longer than a burst takes. */
  async function overload(admission: Admission): Promise<void> {
    for (let count = 0; count < 8; count += 1) {
      enter(admission)
      await time.runUntil(time.nowMs + 40)
    }
  }

  it('serves the newest, and does not let the others wait for long', async () => {
    const admission = admissionOf()
    const [one] = fill(admission)
    await overload(admission)
    expect(admission.refused.waited).toBeGreaterThan(0)
    const older = enter(admission)
    await time.runUntil(time.nowMs + 10)
    const newer = enter(admission)
    one!.done('served')
    await settle()
    expect(newer.ticket).toBeDefined()
    expect(older.waits).toBe(true)
    await time.runUntil(time.nowMs + 150)
    expect(older.error).toMatchObject({ code: 'resource_exhausted', message: /waited/ })
  })

  it('does not take a pause of the whole process for it', async () => {
    const admission = admissionOf()
    const [one, two] = fill(admission)
    const older = enter(admission)
    const newer = enter(admission)
    time.nowMs += 900
    one!.done('served')
    await settle()
    expect([older.waits, newer.waits]).toEqual([false, true])
    two!.done('served')
    await settle()
    expect([older.error, newer.error]).toEqual([undefined, undefined])
  })

  it('is over when nobody waits any more', async () => {
    const admission = admissionOf()
    const [one] = fill(admission)
    await overload(admission)
    await time.runUntil(time.nowMs + 200)
    expect(admission.queued).toBe(0)
    const older = enter(admission)
    const newer = enter(admission)
    one!.done('served')
    await settle()
    expect([older.waits, newer.waits]).toEqual([false, true])
  })
})

describe('when the process is overloaded', () => {
  it('refuses all but as many as run, and as many who wait for them', async () => {
    let overloadedFor = 0
    limit.current = 10
    const admission = admissionOf({ guard: { overloadedFor: () => overloadedFor } })
    const one = admission.enter() as Ticket
    admission.enter()
    overloadedFor = 1
    const waiting = [enter(admission), enter(admission)]
    expect(waiting.map(({ waits }) => waits)).toEqual([true, true])
    for (const ask of [() => enter(admission).error, () => refusalOf(() => admission.check())])
      expect(ask()).toMatchObject({ code: 'unavailable', httpStatus: 503, data: { retryAfterMs: 1000 } })
    one.done('served')
    await settle()
    expect(waiting.map(({ waits }) => waits)).toEqual([false, true])
    expect(admission.inFlight).toBe(2)
    expect(enter(admission).waits).toBe(true)
    expect(enter(admission).error).toBeDefined()
    overloadedFor = 0
    expect(enter(admission).ticket).toBeDefined()
    expect(admission.refused.event_loop).toBe(3)
  })

  it('runs as many as the limit at least lets in, when fewer do not help', async () => {
    let overloadedFor = 0
    limit = new SetLimit(10, 5)
    const admission = admissionOf({ guard: { overloadedFor: () => overloadedFor } })
    const running = fill(admission)
    // As long as the refusals themselves keep the loop late.
    for (overloadedFor = 1; overloadedFor <= 100; overloadedFor++) {
      const { ticket } = enter(admission)
      if (ticket) running.push(ticket)
      if (admission.inFlight > 5) running.pop()!.done('served')
      await settle()
    }
    expect(admission.inFlight).toBe(5)
    expect(admission.queued).toBe(5)
    expect(enter(admission).error).toMatchObject({ code: 'unavailable' })
  })

  it('lets those who wait only into places that are left', async () => {
    let overloadedFor = 0
    const admission = admissionOf({ guard: { overloadedFor: () => overloadedFor } })
    const [one] = fill(admission)
    const waiting = enter(admission)
    overloadedFor = 1
    const other = enter(admission)
    expect(enter(admission).error).toMatchObject({ code: 'unavailable' })
    limit.current = 10
    one!.done('served')
    await settle()
    expect(waiting.ticket).toBeDefined()
    expect(other.waits).toBe(true)
    expect(admission.inFlight).toBe(2)
  })
})

it('lets nobody new in while it drains, and keeps its word to those who wait', async () => {
  const admission = admissionOf()
  const [one] = fill(admission)
  const waiting = enter(admission)
  admission.drain()
  expect(enter(admission).error).toMatchObject({
    code: 'unavailable',
    httpStatus: 503,
    data: { retryAfterMs: 1000 },
  })
  expect(admission.refused.draining).toBe(1)
  one!.done('served')
  await settle()
  expect(waiting.ticket).toBeDefined()
})

it('works with its defaults and the clock of the system', async () => {
  const admission = createAdmission()
  const tickets = Array.from({ length: admission.limit }, () => admission.enter() as Ticket)
  const waiting = admission.enter()
  for (const ticket of tickets) ticket.done('served')
  const last = await waiting
  last.done('served')
  expect(admission.inFlight).toBe(0)
  expect(last.waitedMs).toBeGreaterThanOrEqual(0)
})

const aStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('enter' as const),
      priority: fc.constantFrom<Priority | undefined>(undefined, 'high', 'normal', 'low'),
      timeoutMs: fc.option(fc.integer({ min: -5, max: 400 }), { nil: undefined }),
      cancels: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('done' as const), at: fc.nat() }) },
  fc.record({ does: fc.constant('cancel' as const), at: fc.nat() }),
  fc.record({ does: fc.constant('set limit' as const), current: fc.integer({ min: 1, max: 6 }) }),
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('pass' as const), timeMs: fc.integer({ min: 1, max: 300 }) }),
  },
)

it('settles every request once, never runs more than the limit lets in, and counts right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aStep, { maxLength: 80 }),
      fc.integer({ min: 0, max: 8 }),
      async (steps, maxQueued) => {
        time = new VirtualTime()
        limit = new SetLimit(3)
        const admission = admissionOf({ maxQueued })
        const entries: (ReturnType<typeof enter> & { controller?: AbortController | undefined })[] = []
        const running = new Set<Ticket>()
        const handedOut = new Set<Ticket>()
        for (const step of steps) {
          const inFlight = admission.inFlight
          if (step.does === 'enter') {
            const controller = step.cancels ? new AbortController() : undefined
            const deadline = step.timeoutMs === undefined ? undefined : time.nowMs + step.timeoutMs
            const entry = enter(admission, { deadline, priority: step.priority, signal: controller?.signal })
            entries.push(Object.assign(entry, { controller }))
          } else if (step.does === 'done') {
            const ticket = [...running][step.at % running.size]
            if (ticket) running.delete(ticket)
            ticket?.done('served')
          } else if (step.does === 'cancel') entries[step.at % entries.length]?.controller?.abort()
          else if (step.does === 'set limit') limit.current = step.current
          else await time.runUntil(time.nowMs + step.timeMs)
          await settle()
          for (const { ticket } of entries)
            if (ticket && !handedOut.has(ticket)) {
              handedOut.add(ticket)
              running.add(ticket)
            }
          expect(admission.inFlight).toBe(running.size)
          if (admission.inFlight > inFlight) expect(admission.inFlight).toBeLessThanOrEqual(limit.current)
          expect(admission.queued).toBe(entries.filter(({ waits }) => waits).length)
          if (step.does === 'done' && admission.queued > 0)
            expect(admission.inFlight).toBeGreaterThanOrEqual(limit.current)
          const errors = entries.filter(({ error }) => error)
          const counted = Object.values(admission.refused).reduce(
            (sum, count) => sum + count,
            admission.canceled,
          )
          expect(errors.length).toBe(counted)
          for (const { ticket, error, waits } of entries)
            expect([ticket, error, waits || undefined].filter(Boolean)).toHaveLength(1)
        }
      },
    ),
  )
})

it('names every reason that it counts', () => {
  const reasons: RefusalReason[] = [
    'full',
    'displaced',
    'late',
    'expired',
    'waited',
    'event_loop',
    'draining',
  ]
  expect(Object.keys(admissionOf().refused).sort()).toEqual(reasons.sort())
})
