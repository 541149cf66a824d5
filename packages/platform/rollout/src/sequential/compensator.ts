/** The greatest share of what a stake may be before large clusters make its expectation infinite. */
const ofLimit = 0.5

/**
 * What keeps a bet fair when events come in clusters. Clusters hit one arm each, the canary with its share `rho` of the
 * requests, and have geometric sizes with a mean of `m`: `E[z^S] = z / (m - (m - 1) z)`. A bet of `lambda` on each event of the
 * canary is paid for by `mu` on each event of both arms where
 *
 *     rho E[exp((lambda - mu) S)] + (1 - rho) E[exp(-mu S)] = 1
 *
 * which with `a = exp(lambda)`, `s = rho a + 1 - rho`, `k = m - 1` and `z = exp(-mu)` is the quadratic
 * `a k z^2 - (k (1 + a) + s) z + m = 0`. Independent events are the case `m = 1`: `mu = ln s`.
 *
 * Dividing counts by their dispersion instead is right for their variance only: clusters are skewed, and a single large one
 * in a small canary then counts for more than it should.
 */
export function compensation(lambda: number, meanSize: number, share: number): number {
  const a = Math.exp(lambda)
  const s = 1 + share * (a - 1)
  const k = meanSize - 1
  if (k <= 0) return Math.log(s)
  const b = k * (1 + a) + s
  return -Math.log((2 * meanSize) / (b + Math.sqrt(b * b - 4 * a * k * meanSize)))
}

/**
 * What to bet on each event of the canary for a ratio: `ln r` of independent events, less of clustered ones, in proportion to
 * their dispersion, and never near the stake at which large clusters would have an infinite expectation.
 */
export function stakeOf(ratio: number, meanSize: number): number {
  const stake = Math.log(ratio) / dispersionOf(meanSize)
  const limit = -Math.log(1 - 1 / meanSize)
  return Math.min(stake, ofLimit * limit)
}

/** `E[S^2]/E[S]` of geometric sizes. */
export function dispersionOf(meanSize: number): number {
  return 2 * meanSize - 1
}

/** The mean size of geometric clusters with a dispersion. */
export function meanSizeOf(dispersion: number): number {
  return (Math.max(1, dispersion) + 1) / 2
}
