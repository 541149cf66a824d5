import type { CallCount } from '@atlas/runtime'

/** Adds up what was counted in several places. */
export function callsTogether(counts: Iterable<CallCount>): CallCount[] {
  const sums = new Map<string, CallCount>()
  for (const each of counts) {
    const key = `${each.caller} ${each.callee} ${each.endpoint}`
    sums.set(key, { ...each, count: each.count + (sums.get(key)?.count ?? 0) })
  }
  return [...sums.values()]
}
