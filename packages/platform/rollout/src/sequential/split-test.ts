import { logBeta } from './special-functions.ts'

/** Concentration of the prior: as sure as this many events that the split is as expected. */
const concentration = 10

/**
 * Evidence that events do not fall on two arms in the proportion of their requests, where that proportion is fixed: Lindon
 * and Malek, Anytime-Valid Inference for Multinomial Count Data (NeurIPS 2022), with a Dirichlet prior around the null.
 *
 * @param share the first arm's share of the requests
 * @returns the natural logarithm of the evidence, two-sided
 */
export function splitEvidence(first: number, second: number, share: number, prior = concentration): number {
  const [a, b] = [prior * share, prior * (1 - share)]
  return (
    logBeta(a + first, b + second) - logBeta(a, b) - first * Math.log(share) - second * Math.log1p(-share)
  )
}
