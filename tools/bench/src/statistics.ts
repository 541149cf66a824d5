/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const resamples = 10_000

/**
 * The ratio of two medians with its 95 % bootstrap interval. Values of one index come from one round: rounds are drawn together,
 * so that what slowed the machine down for a round, and with it both sides, does not widen the interval.
 * @throws RangeError when the two sides do not have the same rounds.
 */
export function ratioOfMedians(numerators: readonly number[], denominators: readonly number[]): Estimate {
  const rounds = numerators.length
  if (rounds === 0 || rounds !== denominators.length)
    throw new RangeError(
      `a ratio needs the same rounds on both sides, not ${rounds} and ${denominators.length}`,
    )
  const random = seeded(rounds)
  const ratios = Array.from({ length: resamples }, () => {
    const drawn = Array.from({ length: rounds }, () => Math.floor(random() * rounds))
    return (
      median(drawn.map((round) => numerators[round]!)) / median(drawn.map((round) => denominators[round]!))
    )
  }).sort((a, b) => a - b)
  return {
    value: median(numerators) / median(denominators),
    low: ratios[Math.floor(resamples * 0.025)]!,
    high: ratios[Math.ceil(resamples * 0.975) - 1]!,
  }
}

/** The same draws on every run (mulberry32), so that the same measurements always have the same interval. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
