import { durationEdges } from './bucket-edges.ts'
import type { Buckets } from './histogram.ts'
import { isFailure } from './outcome.ts'
import { countOf, merged, quantileOf } from './quantile.ts'
import type { RequestSeries } from './request-series.ts'

/** What a servlet was asked, over all of its endpoints and protocols. */
export interface ServletTraffic {
  readonly servlet: string
  /** Requests that are over. */
  readonly requests: number
  /** Those of them that failed by the server's fault. */
  readonly errors: number
  /** Requests that are not over. */
  readonly inFlight: number
  /** Whether requests had to wait or were refused in the last second, because there were too many. */
  readonly overloaded: boolean
  /** Undefined while there is nothing to tell it by. */
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
  /** What the quantiles are computed from, in seconds. */
  readonly durations: Buckets
}

/** The traffic of a servlet since the start. */
export function trafficOf(
  servlet: string,
  all: readonly RequestSeries[],
  overloaded: boolean,
): ServletTraffic {
  const durations = merged([
    none,
    ...all.flatMap((series) => series.durations.filter((each) => each !== undefined)),
  ])
  const inFlight = all.reduce((sum, series) => sum + series.inFlight, 0)
  return { servlet, errors: failures(all), inFlight, overloaded, ...countsOf(durations) }
}

/** What came between two readings of the same servlet. */
export function trafficBetween(before: ServletTraffic, after: ServletTraffic): ServletTraffic {
  const { edges } = after.durations
  const counts = Float64Array.from(
    after.durations.counts,
    (count, bucket) => count - before.durations.counts[bucket]!,
  )
  const durations = { edges, counts, sum: after.durations.sum - before.durations.sum }
  return { ...after, errors: after.errors - before.errors, ...countsOf(durations) }
}

function countsOf(durations: Buckets): Pick<ServletTraffic, 'requests' | 'p50Ms' | 'p99Ms' | 'durations'> {
  return {
    requests: countOf(durations),
    p50Ms: inMs(quantileOf(durations, 0.5)),
    p99Ms: inMs(quantileOf(durations, 0.99)),
    durations,
  }
}

const none: Buckets = { edges: durationEdges, counts: new Float64Array(durationEdges.length + 1), sum: 0 }

function failures(all: readonly RequestSeries[]): number {
  let count = 0
  for (const { codes } of all)
    for (const [number, times] of codes.entries()) if (isFailure(number)) count += times
  return count
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}
