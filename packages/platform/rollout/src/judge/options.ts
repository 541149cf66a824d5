/** What is done when a canary ends and its traffic has not shown enough. */
export type Undecided = 'extend' | 'probe' | 'hold' | 'promote'

/** How much depends on a servlet. */
export type Criticality = 'low' | 'normal' | 'high'

/**
 * What happens to a canary that cannot be judged. Nobody is hurt much by a servlet that nothing depends on; where much
 * does, a person looks; in between more time is taken first, and an end of it holds.
 */
export const undecidedBy: Readonly<Record<Criticality, Undecided>> = {
  low: 'promote',
  normal: 'extend',
  high: 'hold',
}

/** How much depends on a servlet, by the percent of requests that its owner promises to answer. */
export function criticalityOf(availabilityPercent: number): Criticality {
  if (availabilityPercent < 99) return 'low'
  return availabilityPercent >= 99.95 ? 'high' : 'normal'
}

/** What a judge goes by. */
export interface JudgeOptions {
  /** Chance of rolling back a release that is no worse, over the whole canary. @default 0.001 */
  readonly alpha?: number | undefined
  /** Chance of calling a release harmless that is {@link toleratedRatio} times worse. @default 0.05 */
  readonly beta?: number | undefined
  /** A release is promoted when it is shown to fail less than this many times as often. @default 3 */
  readonly toleratedRatio?: number | undefined
  /**
   * Or when it is shown to keep the objective: the share of requests that may fail, such as 0.001 for 99.9 %.
   *
   * @default 0.001
   */
  readonly failureBudget?: number | undefined
  /** Edges of latency in seconds: the control's p50, p90 and p99 of last week, frozen before the canary. @default none: latency is not judged */
  readonly latencyEdges?: readonly number[] | undefined
  /** How much more CPU a request may cost. @default 1.25 */
  readonly toleratedCost?: number | undefined
  /** The planned length, in which traffic is shifted. */
  readonly rampSeconds: number
  /** How much longer it may take where evidence is wanting, as a multiple of the ramp. @default 3 */
  readonly greatestExtension?: number | undefined
  /** @default normal */
  readonly criticality?: Criticality | undefined
  /** What to do at the end without evidence. @default see {@link undecidedBy} */
  readonly undecided?: Undecided | undefined
}

/** Options with their defaults. */
export interface Settings {
  readonly alpha: number
  readonly beta: number
  readonly toleratedRatio: number
  readonly failureBudget: number
  readonly latencyEdges: readonly number[]
  readonly toleratedCost: number
  readonly rampSeconds: number
  readonly greatestExtension: number
  readonly undecided: Undecided
}

/** Fills in defaults. @throws RangeError that names the option and what it may be */
export function settingsOf(options: JudgeOptions): Settings {
  const settings: Settings = {
    alpha: options.alpha ?? 0.001,
    beta: options.beta ?? 0.05,
    toleratedRatio: options.toleratedRatio ?? 3,
    failureBudget: options.failureBudget ?? 0.001,
    latencyEdges: options.latencyEdges ?? [],
    toleratedCost: options.toleratedCost ?? 1.25,
    rampSeconds: options.rampSeconds,
    greatestExtension: options.greatestExtension ?? 3,
    undecided: options.undecided ?? undecidedBy[options.criticality ?? 'normal'],
  }
  const { alpha, beta, toleratedRatio, failureBudget, toleratedCost, rampSeconds, greatestExtension } =
    settings
  check('alpha', alpha, alpha > 0 && alpha < 0.5, 'a chance above 0 and below 0.5')
  check('beta', beta, beta > 0 && beta < 0.5, 'a chance above 0 and below 0.5')
  check('toleratedRatio', toleratedRatio, toleratedRatio > 1 && toleratedRatio < 1e6, 'above 1')
  check('failureBudget', failureBudget, failureBudget > 0 && failureBudget < 1, 'a share above 0 and below 1')
  check('toleratedCost', toleratedCost, toleratedCost >= 1 && toleratedCost < 1e6, 'at least 1')
  check('rampSeconds', rampSeconds, rampSeconds > 0 && rampSeconds < 1e7, 'a positive number of seconds')
  check('greatestExtension', greatestExtension, greatestExtension >= 1, 'at least 1')
  const rising = settings.latencyEdges.every((edge, index, all) => edge > (index ? all[index - 1]! : 0))
  if (!rising)
    throw new RangeError(`latencyEdges is [${settings.latencyEdges.join(', ')}]; it must be rising seconds`)
  return settings
}

function check(name: string, value: number, good: boolean, what: string): void {
  if (!good) throw new RangeError(`${name} is ${value}; it must be ${what}`)
}
