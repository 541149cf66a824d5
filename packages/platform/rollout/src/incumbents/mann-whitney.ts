/**
 * The Hodges-Lehmann shift of two samples with the interval that inverts the Mann-Whitney test (Hollander and Wolfe,
 * Nonparametric Statistical Methods, 4.3): the median of all differences, and order statistics of them by the normal
 * approximation.
 */
export function shiftInterval(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): { readonly shift: number; readonly low: number; readonly high: number } {
  const differences = first.flatMap((a) => second.map((b) => a - b)).sort((a, b) => a - b)
  const pairs = differences.length
  const deviation = Math.sqrt((pairs * (first.length + second.length + 1)) / 12)
  const rank = Math.max(0, Math.floor(pairs / 2 - normalQuantile((1 + confidence) / 2) * deviation))
  const middle = (pairs - 1) / 2
  return {
    shift: (differences[Math.floor(middle)]! + differences[Math.ceil(middle)]!) / 2,
    low: differences[rank]!,
    high: differences[pairs - 1 - rank]!,
  }
}

/** The quantile of the standard normal distribution: Acklam's rational approximation, to nine digits. */
export function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ]
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572]
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ]
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416]
  const poly = (coefficients: readonly number[], x: number) => coefficients.reduce((sum, k) => sum * x + k, 0)
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return poly(c, q) / (poly(d, q) * q + 1)
  }
  if (p > 1 - 0.02425) return -normalQuantile(1 - p)
  const q = p - 0.5
  return (poly(a, q * q) * q) / (poly(b, q * q) * q * q + 1)
}
