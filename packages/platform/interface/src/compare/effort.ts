/** Thrown by {@link effort} where a comparison takes more than it may. Caught by {@link within}. */
class TooMuch extends Error {}

/** Steps that are left. A comparison is one run of code, so one count does; steps and not time, so that results are the same everywhere. */
let left = Number.POSITIVE_INFINITY

/** Counts steps of what may grow faster than documents do. */
export function effort(steps = 1): void {
  left -= steps
  if (left < 0) throw new TooMuch()
}

/** Gives up what is under way, where somebody bounds it; else whoever calls goes on. */
export function giveUp(): void {
  if (left !== Number.POSITIVE_INFINITY) throw new TooMuch()
}

/** Counts the parts of a value, one in several places as often as it would be written. */
export function effortOf(value: unknown): void {
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    effort()
    const part = pending.pop()
    if (typeof part === 'object' && part !== null) pending.push(...Object.values(part))
  }
}

/** What came of something that may be too much. */
export type Within<T> =
  | { readonly ok: true; readonly value: T }
  /** Part of a sentence. */
  | { readonly ok: false; readonly reason: string }

/** Does something in no more than so many steps, of those that are left around it. */
export function within<T>(steps: number, work: () => T): Within<T> {
  const before = left
  const given = Math.min(steps, before)
  left = given
  try {
    return { ok: true, value: work() }
  } catch (error) {
    if (error instanceof TooMuch) return { ok: false, reason: 'it is too large to be compared to the end' }
    // Whatever calls itself for what is inside of something.
    if (error instanceof RangeError && /call stack/.test(error.message))
      return { ok: false, reason: 'it is nested too deeply to be compared to the end' }
    throw error
  } finally {
    left = before - (given - Math.max(left, 0))
  }
}
