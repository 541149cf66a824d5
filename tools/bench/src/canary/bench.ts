import { informationBound, tenMinutes } from '@atlas/rollout'
import type { Outcome } from '@atlas/rollout/simulate'
import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { median } from '../statistics.ts'
import { cellsOf } from './cells.ts'
import { curvesOf } from './curves.ts'
import type { CellOutcomes, JudgeName } from './run-cell.ts'
import { runCells } from './run-cells.ts'

const alpha = 0.001
const judges: readonly JudgeName[] = ['Atlas', 'Flagger', 'Argo Rollouts', 'Kayenta']

/** What judges of canaries decide, in worlds where it is known what they should. */
export const canary: Bench = {
  name: 'canary',
  summary:
    "Simulated canaries under Atlas's judge and the rules of Flagger, Argo Rollouts and Kayenta, on the same seeds.",
  run,
}

async function run({ quick, progress }: BenchOptions): Promise<Measured> {
  const canaries = quick ? 1500 : 100_000
  const othersEvery = quick ? 2 : 10
  const cells = cellsOf(canaries)
  const results = await runCells(cells, othersEvery, progress)
  const rows = results.flatMap(rowsOf)

  const equal = results.filter(({ cell }) => !cell.bad).flatMap(({ outcomes }) => outcomes.Atlas)
  const find = (name: string, rps: number, failureRate: number): CellOutcomes =>
    results.find(
      ({ cell: { scenario } }) =>
        scenario.name === name && scenario.rps === rps && scenario.failureRate === failureRate,
    )!
  const small = find('5x failures', 100, 0.001)
  const large = find('5x failures', 1000, 0.001)
  const frequent = find('5x failures', 100, 0.01)
  const five = results.filter(
    ({ cell: { scenario } }) => scenario.name === '5x failures' && scenario.rps >= 100,
  )
  const exposure = five.map(({ outcomes }) => meanExposed(outcomes.Atlas) / meanExposed(outcomes.Flagger))
  const accusedByOthers = (judge: JudgeName) =>
    shareOf(
      results.filter(({ cell }) => !cell.bad).flatMap(({ outcomes }) => outcomes[judge]),
      ({ decision }) => decision === 'roll back',
    )

  return {
    rows,
    ratios: {
      'Flagger, requests exposed to a 5x regression at 100 rps': estimate(
        meanExposed(small.outcomes.Flagger) / meanExposed(small.outcomes.Atlas),
      ),
      'Kayenta, requests exposed to a 5x regression at 100 rps': estimate(
        meanExposed(small.outcomes.Kayenta) / meanExposed(small.outcomes.Atlas),
      ),
    },
    figures: {
      canaries: results.reduce((sum, { outcomes }) => sum + outcomes.Atlas.length, 0),
      falseRollback: shareOf(equal, ({ decision }) => decision === 'roll back'),
      falseRollbackClustered: shareOf(
        results
          .filter(({ cell }) => !cell.bad && (cell.scenario.clusterSize ?? 1) > 1)
          .flatMap(({ outcomes }) => outcomes.Atlas),
        ({ decision }) => decision === 'roll back',
      ),
      falseRollbackFlagger: accusedByOthers('Flagger'),
      falseRollbackArgo: accusedByOthers('Argo Rollouts'),
      falseRollbackKayenta: accusedByOthers('Kayenta'),
      found5xBeforePromotion100rps: shareOf(small.outcomes.Atlas, foundWithin(Number.POSITIVE_INFINITY)),
      found5xMedianSeconds100rps: medianSeconds(small.outcomes.Atlas),
      found5xBoundSeconds100rps: boundOf(small).seconds ?? Number.NaN,
      found5xIn2min1000rps: shareOf(large.outcomes.Atlas, foundWithin(120)),
      found5xIn3min1000rps: shareOf(large.outcomes.Atlas, foundWithin(180)),
      found5xIn3min1percent: shareOf(frequent.outcomes.Atlas, foundWithin(180)),
      exposureAgainstFlagger: Math.max(...exposure),
    },
    bars: [
      { figure: 'falseRollback', atMost: 0.001 },
      { figure: 'found5xBeforePromotion100rps', atLeast: 0.99 },
      { figure: 'found5xMedianSeconds100rps', atMost: 300 },
      { figure: 'found5xIn3min1000rps', atLeast: 0.99 },
      { figure: 'found5xIn3min1percent', atLeast: 0.99 },
      { figure: 'exposureAgainstFlagger', atMost: 0.1 },
    ],
    flags: {
      canaries,
      alpha,
      ramp: tenMinutes.map(({ share, seconds }) => `${share * 100} % for ${seconds} s`).join(', '),
      othersOnEvery: `seed divisible by ${othersEvery}`,
    },
    versions: { node: process.versions.node },
    method: `${curvesOf([small, large], boundOf)}\n\n${method}`,
  }
}

function rowsOf(result: CellOutcomes): Row[] {
  const { scenario, bad } = result.cell
  const bound = boundOf(result)
  return judges.map((judge) => {
    const outcomes = result.outcomes[judge]
    return {
      case: scenario.name,
      rps: scenario.rps,
      failing: `${scenario.failureRate * 100} %`,
      judge,
      canaries: outcomes.length,
      rolledBack: percent(shareOf(outcomes, ({ decision }) => decision === 'roll back')),
      promoted: percent(shareOf(outcomes, ({ decision }) => decision === 'promote')),
      undecided: percent(shareOf(outcomes, ({ decision }) => decision === 'not enough evidence')),
      medianSeconds: bad ? printed(medianSeconds(outcomes)) : '',
      boundSeconds: bad && judge === 'Atlas' ? printed(bound.seconds) : '',
      boundFound: bad && judge === 'Atlas' && scenario.effect.failures ? percent(bound.detection) : '',
      exposedRequests: bad ? Math.round(meanExposed(outcomes)) : '',
    }
  })
}

function boundOf({ cell: { scenario } }: CellOutcomes) {
  const { rps, failureRate, effect, clusterSize = 1 } = scenario
  return informationBound(
    { rps, failureRate, dispersion: 2 * clusterSize - 1 },
    effect.failures ?? 1,
    tenMinutes,
    alpha,
  )
}

function foundWithin(seconds: number): (outcome: Outcome) => boolean {
  return (outcome) => outcome.decision === 'roll back' && outcome.seconds <= seconds
}

function shareOf(outcomes: readonly Outcome[], holds: (outcome: Outcome) => boolean): number {
  return outcomes.filter(holds).length / outcomes.length
}

function medianSeconds(outcomes: readonly Outcome[]): number {
  return median(
    outcomes.map((outcome) =>
      outcome.decision === 'roll back' ? outcome.seconds : Number.POSITIVE_INFINITY,
    ),
  )
}

function meanExposed(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((sum, { exposedRequests }) => sum + exposedRequests, 0) / outcomes.length
}

function estimate(value: number): { value: number; low: number; high: number } {
  return { value, low: value, high: value }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

function printed(seconds: number | undefined): string {
  return seconds === undefined || !Number.isFinite(seconds) ? 'never' : String(Math.round(seconds))
}

const method = `
Each canary is simulated second by second, from a seed: Poisson requests, failures, refusals, requests above the control's p50, p90 and
p99, CPU. Atlas's judge is the one of \`@atlas/rollout\`, looked at every second, with all its metrics; before the canary it has seen six
hours of the control, by which it knows how clustered failures are. When evidence is wanting after the ramp it goes on for up to three
times its length (\`extend\`), then holds.

- **Flagger**: the rule of its tutorial, a success rate of 99 % a minute, ten percent a step up to 50 %, five failed checks.
- **Argo Rollouts**: a success rate of 99 % a minute in the background of four steps, \`failureLimit\` 3.
- **Kayenta**: fifty points of a minute against a baseline of the same size, pass from 95 on.

They are written anew from their documentation and sources, and run on a part of the same seeds.

- **exposedRequests** are those that the new release answered within an hour, after a promotion included.
- **boundSeconds** and **boundFound** are what no method can do better that compares the arms and bears outages of both: the mean time
  until there is information enough (Wald), and the greatest chance to find the regression within the ramp. They assume that the size of the
  regression is known, which nobody knows, and that each failure is looked at; clusters count once.
- **exposureAgainstFlagger** is the worst of the cells with five times the failures and at least 100 requests a second.
- Real traffic has more ways to be uneven than these worlds: callers that differ, slow days, pods that are ill. A control that
  disagrees with itself stops a promotion, and what it shows of clustering makes the judge slower; neither is proof against everything.
`
