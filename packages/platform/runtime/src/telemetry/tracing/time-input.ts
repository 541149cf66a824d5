import type { TimeInput } from '@opentelemetry/api'

/**
 * A time that user code gave, in milliseconds since `performance.timeOrigin`. Numbers are taken for what they can be: a
 * reading of `performance.now()`, or milliseconds since 1970.
 *
 * @default now
 */
export function sinceOrigin(time: TimeInput | undefined): number {
  const { timeOrigin } = performance
  if (time === undefined) return performance.now()
  if (time instanceof Date) return time.getTime() - timeOrigin
  if (typeof time === 'number') return time >= timeOrigin / 2 ? time - timeOrigin : time
  return time[0] * 1000 + time[1] / 1e6 - timeOrigin
}
