import type { ConcurrencyLimit } from './gradient-limit.ts'

/** A limit that learns nothing. */
export function fixedLimit(current: number): ConcurrencyLimit {
  return { current, sample() {}, tick() {} }
}
