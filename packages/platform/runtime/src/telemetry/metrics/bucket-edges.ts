/**
 * Upper edges of the buckets of request durations, in seconds.
 *
 * From 1 ms to 10 s the steps are 1, 1.5, 2, 2.5, 3, 4, 5, 7.5 of each power of ten. So every round latency objective
 * (100, 250, 300 ms) is an edge, hence counted exactly; a quantile read off the buckets is at most half too large; and a
 * judge that counts how many requests were slower than last week's p50, p90 or p99 finds an edge close to each. The edges
 * of OpenTelemetry's HTTP histograms are all among them. Frozen: histograms of different edges cannot be compared, and a
 * canary would be compared with its predecessor.
 */
export const durationEdges: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.00075],
  ...[0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.0075],
  ...[0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075],
  ...[0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75],
  ...[1, 1.5, 2, 2.5, 3, 4, 5, 7.5],
  ...[10, 15, 30, 60],
]

/** Upper edges of the buckets of event-loop delays and of pauses for garbage collection, in seconds. */
export const pauseEdges: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]
