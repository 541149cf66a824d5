/** Evidence against a release by one metric. */
export interface WeightedEvidence {
  readonly weight: number
  readonly logEvidence: number
}

/**
 * Natural logarithm of the weighted mean of evidences. The mean of e-values is an e-value whatever their dependence (Vovk and
 * Wang, E-values: Calibration, combination and applications, Annals of Statistics 2021), so metrics that move together cost
 * nothing but their weight.
 */
export function combine(evidences: readonly WeightedEvidence[]): number {
  let greatest = -Infinity
  let weights = 0
  for (const { weight, logEvidence } of evidences) {
    weights += weight
    const term = Math.log(weight) + logEvidence
    if (term > greatest) greatest = term
  }
  if (greatest === -Infinity) return -Infinity
  let sum = 0
  for (const { weight, logEvidence } of evidences) sum += Math.exp(Math.log(weight) + logEvidence - greatest)
  return greatest + Math.log(sum) - Math.log(weights)
}
