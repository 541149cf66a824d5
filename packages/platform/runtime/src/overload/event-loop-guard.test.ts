import { setImmediate, setTimeout } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createEventLoopGuard, type EventLoopWatch, watchEventLoop } from './event-loop-guard.ts'

const well = { delayMs: 1, utilization: 0.3 }
const busy = { delayMs: 5, utilization: 1 }
const between = { delayMs: 70, utilization: 1 }
const paused = { delayMs: 300, utilization: 0.5 }
const overloaded = { delayMs: 150, utilization: 1 }

describe('the guard', () => {
  it('believes in overload after three looks in a row, and counts on', () => {
    const guard = createEventLoopGuard()
    const seen = [overloaded, overloaded, overloaded, overloaded, between].map((reading) => {
      guard.look(reading)
      return guard.overloadedFor()
    })
    expect(seen).toEqual([0, 0, 1, 2, 3])
  })

  it.each([
    ['one slow request now and then', [overloaded, overloaded, well, overloaded, overloaded, well]],
    ['a loop that is fully used without delay', [busy, busy, busy, busy]],
    ['delays of a process that had nothing to do', [paused, paused, paused, paused]],
    ['delays that are not long enough', [between, between, between, between]],
  ])('does not believe in %s', (_, readings) => {
    const guard = createEventLoopGuard()
    for (const reading of readings) guard.look(reading)
    expect(guard.overloadedFor()).toBe(0)
  })

  it('believes that it is over after three good looks in a row', () => {
    const guard = createEventLoopGuard()
    for (const reading of [overloaded, overloaded, overloaded, well, well]) guard.look(reading)
    expect(guard.overloadedFor()).toBeGreaterThan(0)
    guard.look(between)
    guard.look(well)
    guard.look(busy)
    expect(guard.overloadedFor()).toBeGreaterThan(0)
    guard.look(well)
    expect(guard.overloadedFor()).toBe(0)
  })

  it('changes its mind no more often than every three looks, whatever it sees', () => {
    const aReading = fc.constantFrom(well, busy, between, paused, overloaded)
    fc.assert(
      fc.property(fc.array(aReading), (readings) => {
        const guard = createEventLoopGuard()
        let since = 0
        for (const reading of readings) {
          const before = guard.overloadedFor() > 0
          guard.look(reading)
          since += 1
          if (before === guard.overloadedFor() > 0) continue
          expect(since).toBeGreaterThanOrEqual(3)
          since = 0
        }
      }),
    )
  })
})

describe('the watch', () => {
  let watch: EventLoopWatch | undefined
  afterEach(() => watch?.close())

  it('sees a loop whose turns take too long, and that it recovers', async () => {
    watch = watchEventLoop()
    expect(watch.awake).toBe(false)
    watch.overloadedFor()
    // Turns longer than a look, which a histogram that is reset at every look would not show.
    while (watch.overloadedFor() === 0) {
      block(150)
      await setImmediate()
    }
    expect(watch.last.delayMs).toBeGreaterThanOrEqual(100)
    expect(watch.last.utilization).toBeGreaterThanOrEqual(0.9)
    while (watch.overloadedFor() > 0) await setTimeout(20)
    expect(watch.last.delayMs < 50 || watch.last.utilization < 0.7).toBe(true)
  })

  it('sleeps while nobody asks, and wakes up', async () => {
    watch = watchEventLoop()
    watch.overloadedFor()
    expect(watch.awake).toBe(true)
    while (watch.awake) await setTimeout(50)
    watch.overloadedFor()
    expect(watch.awake).toBe(true)
  })

  it('does not wake up when it is closed', () => {
    watch = watchEventLoop()
    watch.close()
    expect(watch.overloadedFor()).toBe(0)
    expect(watch.awake).toBe(false)
  })
})

function block(durationMs: number): void {
  const until = performance.now() + durationMs
  while (performance.now() < until);
}
