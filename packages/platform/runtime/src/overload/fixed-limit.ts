import type { ConcurrencyLimit } from './gradient-limit.ts'

/** A limit that learns nothing. */
export function fixedLimit(current: number, min: number): ConcurrencyLimit {
  return { current, min, sample() {}, tick() {} }
}
