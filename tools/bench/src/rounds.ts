/** Something to measure, again and again. */
export interface Case<T> {
  readonly name: string
  /** In how many rounds it is measured, the first ones. @default all */
  readonly rounds?: number
  measure(): Promise<T>
}

/** A measurement and where in the run it was made. */
export interface Sample<T> {
  readonly case: string
  /** From 1. */
  readonly round: number
  readonly measured: T
}

/**
 * Measures every case once a round. Each round starts with another case, so that none always runs on the machine as the same
 * other one left it, and what changes over a run (temperature, neighbours) meets all cases alike.
 */
export async function interleave<T>(
  cases: readonly Case<T>[],
  rounds: number,
  progress: (text: string) => void,
): Promise<Sample<T>[]> {
  const samples: Sample<T>[] = []
  for (let round = 1; round <= rounds; round++)
    for (let turn = 0; turn < cases.length; turn++) {
      const each = cases[(turn + round - 1) % cases.length]!
      if (round > (each.rounds ?? rounds)) continue
      progress(`round ${round} of ${rounds}: ${each.name}`)
      samples.push({ case: each.name, round, measured: await each.measure() })
    }
  return samples
}

/** One number of every sample of a case, in the order of rounds. */
export function series<T>(
  samples: readonly Sample<T>[],
  name: string,
  number: (measured: T) => number,
): number[] {
  return samples.filter((sample) => sample.case === name).map((sample) => number(sample.measured))
}
