import type { Clock } from '../clock.ts'

interface Event {
  readonly atMs: number
  /** Of two at the same time, the one that was planned first comes first. */
  readonly order: number
  readonly run: () => void
}

/** A clock whose hours take no time: it jumps from event to event. */
export class VirtualTime implements Clock {
  nowMs = 0
  #planned = 0
  /** A binary heap. */
  readonly #events: Event[] = []

  monotonicMs(): number {
    return this.nowMs
  }

  epochMs(): number {
    return this.nowMs
  }

  callIn(delayMs: number, run: () => void): void {
    this.#planned += 1
    const event = { atMs: this.nowMs + delayMs, order: this.#planned, run }
    const events = this.#events
    let index = events.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(events[parent]!, event)) break
      events[index] = events[parent]!
      index = parent
    }
    events[index] = event
  }

  /** Lets the time pass; what is planned meanwhile happens too. */
  async runUntil(endMs: number): Promise<void> {
    while (this.#events.length > 0 && this.#events[0]!.atMs <= endMs) {
      const event = this.#take()
      this.nowMs = event.atMs
      event.run()
      // Promises that were settled are heard of before the next event.
      await settle()
    }
    this.nowMs = endMs
  }

  #take(): Event {
    const events = this.#events
    const first = events[0]!
    const last = events.pop()!
    if (events.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child += 1
      if (isBefore(last, events[child]!)) break
      events[index] = events[child]!
      index = child
    }
    events[index] = last
    return first
  }
}

/** Lets whatever waits for settled promises run. */
export async function settle(): Promise<void> {
  await undefined
  await undefined
  await undefined
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}
