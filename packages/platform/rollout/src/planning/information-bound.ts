import type { Step } from './ramp.ts'

/** What is known of the traffic that a canary will have. */
export interface ExpectedTraffic {
  /** Requests a second, of both arms. */
  readonly rps: number
  /** Share of requests that fail. */
  readonly failureRate: number
  /** How clustered failures are. @default 1: independent */
  readonly dispersion?: number | undefined
}

/**
 * What no method can do better than that compares the arms and has to bear outages of both: Wald's bound. To find a
 * regression with the chance `1 - beta`, and accuse an equal release with the chance `alpha`, the information in the
 * traffic must be `(1 - beta) ln((1 - beta)/alpha) + beta ln(beta/(1 - alpha))`. The information of an event is the divergence of
 * two binomials: which arm it falls on when failures are `ratio` times as likely in the canary, and when they are not.
 */
export interface InformationBound {
  /** Seconds until the information suffices on average; undefined where the ramp has too little. */
  readonly seconds: number | undefined
  /** The greatest chance to find it before the ramp ends. */
  readonly detection: number
}

/** Computes it for a ramp. Clusters count as one event each. */
export function informationBound(
  { rps, failureRate, dispersion = 1 }: ExpectedTraffic,
  ratio: number,
  steps: readonly Step[],
  alpha: number,
): InformationBound {
  const meanSize = (dispersion + 1) / 2
  let information = 0
  let elapsed = 0
  let seconds: number | undefined
  const needed = Math.log(1 / alpha)
  for (const { share, seconds: length } of steps) {
    const theta = (ratio * share) / (ratio * share + 1 - share)
    const events = (rps * failureRate * (ratio * share + 1 - share)) / meanSize
    const rate = events * divergence(theta, share)
    if (seconds === undefined && information + rate * length >= needed)
      seconds = elapsed + (needed - information) / rate
    information += rate * length
    elapsed += length
  }
  return { seconds, detection: greatestPower(information, alpha) }
}

/** The divergence of two chances from each other, in nats. */
export function divergence(p: number, q: number): number {
  const term = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b))
  return term(p, q) + term(1 - p, 1 - q)
}

function greatestPower(information: number, alpha: number): number {
  let [low, high] = [alpha, 1]
  if (divergence(1 - 1e-12, alpha) <= information) return 1
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (divergence(middle, alpha) <= information) low = middle
    else high = middle
  }
  return low
}
