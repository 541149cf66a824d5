import type { Effect, Scenario } from '@atlas/rollout/simulate'

/** A world, and how many canaries run in it. */
export interface Cell {
  readonly scenario: Scenario
  /** Whether the release is worse. */
  readonly bad: boolean
  readonly canaries: number
}

const traffics = [1, 10, 100, 1000] as const
const failureRates = [0.001, 0.01] as const

const equalWorlds: readonly (readonly [name: string, world: Partial<Scenario>])[] = [
  ['equal', {}],
  ['equal, failures in clusters of 5', { clusterSize: 5 }],
  ['equal, traffic swings by 80 %', { swing: 0.8 }],
  ['equal, an outage of both', { outage: 0.3 }],
]

const regressions: readonly (readonly [name: string, effect: Effect, world?: Partial<Scenario>])[] = [
  ['2x failures', { failures: 2 }],
  ['5x failures', { failures: 5 }],
  ['10x failures', { failures: 10 }],
  ['5x failures in clusters of 5', { failures: 5 }, { clusterSize: 5 }],
  ['twice as often slow', { slow: 2 }],
]

/** All worlds; together as many canaries as asked for, three of five of them of releases that are no worse. */
export function cellsOf(canaries: number): Cell[] {
  const places = traffics.flatMap((rps) => failureRates.map((failureRate) => ({ rps, failureRate })))
  const share = (part: number, cells: number) => Math.max(1, Math.round((canaries * part) / cells))
  const equal = places.flatMap((place) =>
    equalWorlds.map(([name, world]) => ({
      scenario: { name, ...place, effect: {}, ...world },
      bad: false,
      canaries: share(0.6, places.length * equalWorlds.length),
    })),
  )
  const worse = places.flatMap((place) =>
    regressions.map(([name, effect, world]) => ({
      scenario: { name, ...place, effect, ...world },
      bad: true,
      canaries: share(0.4, places.length * regressions.length),
    })),
  )
  return [...equal, ...worse]
}
