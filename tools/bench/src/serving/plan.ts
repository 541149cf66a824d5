/** How long everything takes. */
export interface Plan {
  readonly waitForQuietSeconds: number
  readonly warmUpSeconds: number
  readonly rounds: number
  readonly seconds: number
  readonly callRounds: number
  readonly callSeconds: number
  readonly latencySeconds: number
  readonly unhappySeconds: number
  readonly overloadSeconds: number
  readonly overloadRounds: number
  /** Whether every peer has its latency, unhappy and overload rows, or Atlas and fastify only. */
  readonly everyPeer: boolean
}

/** About eleven minutes by the sum of its parts. */
export const fullPlan: Plan = {
  waitForQuietSeconds: 180,
  warmUpSeconds: 2,
  // Many short ones: what slows the machine down for a while then falls on all cases alike.
  rounds: 15,
  seconds: 1,
  callRounds: 5,
  callSeconds: 0.6,
  latencySeconds: 2,
  unhappySeconds: 2,
  overloadSeconds: 4,
  overloadRounds: 3,
  everyPeer: true,
}

/** Whether all of it works. */
export const quickPlan: Plan = {
  waitForQuietSeconds: 0,
  warmUpSeconds: 0,
  rounds: 1,
  seconds: 1,
  callRounds: 1,
  callSeconds: 0.2,
  latencySeconds: 1,
  unhappySeconds: 1,
  overloadSeconds: 2,
  overloadRounds: 1,
  everyPeer: false,
}
