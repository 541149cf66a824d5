import type { Priority } from './priority.ts'
import type { Waiting } from './waiting.ts'

/** Those who wait, by priority. Everything takes the same short time, however many they are. */
export class WaitingRoom {
  size = 0
  readonly #high: List = { oldest: undefined, newest: undefined }
  readonly #normal: List = { oldest: undefined, newest: undefined }
  readonly #low: List = { oldest: undefined, newest: undefined }

  add(waiting: Waiting): void {
    const list = this.#listOf(waiting)
    waiting.previous = list.newest
    if (list.newest) list.newest.next = waiting
    else list.oldest = waiting
    list.newest = waiting
    this.size += 1
  }

  /** Somebody who is here. */
  remove(waiting: Waiting): void {
    const list = this.#listOf(waiting)
    const { previous, next } = waiting
    if (previous) previous.next = next
    else list.oldest = next
    if (next) next.previous = previous
    else list.newest = previous
    waiting.previous = undefined
    waiting.next = undefined
    this.size -= 1
  }

  /** Takes out whose turn it is: of the most important, the one who came first or last. */
  take(order: 'oldest' | 'newest'): Waiting | undefined {
    const waiting = this.#high[order] ?? this.#normal[order] ?? this.#low[order]
    if (waiting) this.remove(waiting)
    return waiting
  }

  /** Takes out somebody less important, who is least likely to have a turn in time. */
  takeLessImportant(priority: Priority): Waiting | undefined {
    if (priority === 'low') return undefined
    const waiting = this.#low.oldest ?? (priority === 'high' ? this.#normal.oldest : undefined)
    if (waiting) this.remove(waiting)
    return waiting
  }

  /** Takes out somebody who waits since before then. */
  takeOlder(thanMs: number): Waiting | undefined {
    for (const { oldest } of [this.#high, this.#normal, this.#low])
      if (oldest && oldest.init.sinceMs < thanMs) {
        this.remove(oldest)
        return oldest
      }
    return undefined
  }

  #listOf({ init }: Waiting): List {
    const { priority } = init
    return priority === 'normal' ? this.#normal : priority === 'high' ? this.#high : this.#low
  }
}

interface List {
  oldest: Waiting | undefined
  newest: Waiting | undefined
}
