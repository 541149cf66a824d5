import {
  ArgoRule,
  controlHistory,
  FlaggerRule,
  KayentaRule,
  type Outcome,
  runJudged,
  runRule,
} from '@atlas/rollout/simulate'
import type { Cell } from './cells.ts'

/** Edges of latency; their values name metrics only, the simulated counts are of the p50, p90 and p99. */
export const latencyEdges = [0.05, 0.1, 0.5] as const

/** What is learned of a control takes hours of it, so canaries of a cell share this many histories. */
const histories = 12

/** Who decides. */
export type JudgeName = 'Atlas' | 'Flagger' | 'Argo Rollouts' | 'Kayenta'

/** Outcomes of a cell, by who decided: those of the others are of the first seeds of the same. */
export interface CellOutcomes {
  readonly cell: Cell
  readonly outcomes: Readonly<Record<JudgeName, readonly Outcome[]>>
}

/** Runs every canary of a cell. Others than Atlas run on every tenth seed. */
export function runCell(cell: Cell, othersEvery: number): CellOutcomes {
  const { scenario, canaries } = cell
  const learned = Array.from(
    { length: Math.min(histories, Math.max(2, Math.round(canaries / 50))) },
    (_, index) => controlHistory(scenario, 1_000_003 * (index + 1), latencyEdges),
  )
  const seeds = Array.from({ length: canaries }, (_, index) => index + 1)
  const some = seeds.filter((seed) => seed % othersEvery === 0)
  return {
    cell,
    outcomes: {
      Atlas: seeds.map((seed) =>
        runJudged(scenario, seed, learned[seed % learned.length]!, { latencyEdges }),
      ),
      Flagger: some.map((seed) => runRule(scenario, seed, new FlaggerRule())),
      'Argo Rollouts': some.map((seed) => runRule(scenario, seed, new ArgoRule())),
      Kayenta: some.map((seed) => runRule(scenario, seed, new KayentaRule())),
    },
  }
}
