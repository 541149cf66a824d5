/** How a release differs from the one before it; 1 where it does not. */
export interface Effect {
  /** How many times as many requests fail. */
  readonly failures?: number
  /** How many times as many requests are slower than the control's p90 and p99. */
  readonly slow?: number
  /** How many times as much CPU a request costs. */
  readonly cost?: number
  /** How many times as many requests are refused. */
  readonly refusals?: number
  /** Restarts of the canary an hour. */
  readonly restartsPerHour?: number
  /** It starts that late. */
  readonly afterSeconds?: number
}

/** A world in which a canary runs. */
export interface Scenario {
  readonly name: string
  /** Requests a second, of both arms. */
  readonly rps: number
  /** Share of requests that fail in the control. */
  readonly failureRate: number
  readonly effect: Effect
  /** Failures come in incidents of a caller that tries again about once a second: how many on average. @default 1 */
  readonly clusterSize?: number
  /** Traffic swings by this share of itself in the time of the ramp. @default 0 */
  readonly swing?: number
  /** Something that both arms need fails for a minute in the middle, with this share of all requests. @default 0 */
  readonly outage?: number
}

/** Share of requests that are refused by the caller's fault, in every scenario. */
export const refusalRate = 0.02

/** Shares of requests above the frozen edges: the control's p50, p90 and p99. */
export const slowRates = [0.5, 0.1, 0.01] as const
