import type { Buckets } from './histogram.ts'

/** How many values there are. */
export function countOf({ counts }: Buckets): number {
  let count = 0
  for (let bucket = 0; bucket < counts.length; bucket += 1) count += counts[bucket]!
  return count
}

/**
 * All values together: of several processes, protocols, or arms of a rollout.
 *
 * @throws RangeError when the edges differ, because counts cannot be moved between buckets
 */
export function merged(parts: readonly [Buckets, ...Buckets[]]): Buckets {
  const { edges } = parts[0]
  const counts = new Float64Array(edges.length + 1)
  let sum = 0
  for (const part of parts) {
    if (part.edges.length !== edges.length || part.edges.some((edge, index) => edge !== edges[index]))
      throw new RangeError('histograms of different edges cannot be merged; record them with the same edges')
    for (let bucket = 0; bucket < counts.length; bucket += 1) counts[bucket]! += part.counts[bucket]!
    sum += part.sum
  }
  return { edges, counts, sum }
}

/**
 * The value below which the share `q` of all lies, interpolated inside its bucket as Prometheus does; in the bucket above
 * the last edge it is that edge. Undefined when there are no values.
 */
export function quantileOf(buckets: Buckets, q: number): number | undefined {
  const { edges, counts } = buckets
  const rank = Math.min(1, Math.max(0, q)) * countOf(buckets)
  let below = 0
  let last: number | undefined
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket]!
    if (count === 0) continue
    const upper = edges[bucket]
    if (upper === undefined) return edges.at(-1)
    if (below + count >= rank) {
      const lower = bucket === 0 ? 0 : edges[bucket - 1]!
      return lower + (upper - lower) * Math.max(0, (rank - below) / count)
    }
    below += count
    last = upper
  }
  return last
}

/**
 * How many values were larger than an edge, exactly. For thresholds that are frozen at an edge.
 *
 * @throws RangeError when it is no edge
 */
export function countAbove({ edges, counts }: Buckets, edge: number): number {
  const at = edges.indexOf(edge)
  if (at < 0) throw new RangeError(`${edge} is no edge; choose one of ${edges.join(', ')}`)
  let count = 0
  for (let bucket = at + 1; bucket < counts.length; bucket += 1) count += counts[bucket]!
  return count
}
