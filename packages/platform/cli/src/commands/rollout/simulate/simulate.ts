import type { ServletManifest } from '@atlas/manifest'
import {
  criticalityOf,
  type ExpectedTraffic,
  type Power,
  powerOf,
  powerSentence,
  rampSteps,
  type Undecided,
  undecidedBy,
} from '@atlas/rollout'
import { controlHistory, type Outcome, runJudged } from '@atlas/rollout/simulate'
import { defaultPort } from '../../../declaration.ts'
import { exitCode } from '../../../exit-code.ts'
import type { Output } from '../../../output.ts'
import { mustBeOneOf } from '../../../suggest.ts'
import { textTable } from '../../../text-table.ts'
import { readCatalog } from '../../../workspace/read-catalog.ts'
import { measuredTraffic } from './measured-traffic.ts'

/** Options of `atlas rollout simulate`. */
export interface SimulateOptions {
  readonly cwd: string
  readonly servlet: string
  readonly rps?: number
  readonly failureRate?: number
  readonly clustering: number
  readonly rampMinutes?: number
  readonly canaries: number
  readonly seed: number
  readonly port?: number
  readonly json: boolean
}

const ratios = [1, 2, 3, 5, 10]
const hoursOfHistory = 2

/** `atlas rollout simulate`: what a canary of a servlet can see before anybody waits for one. */
export async function simulate(options: SimulateOptions, output: Output): Promise<number> {
  const { cwd, servlet, canaries, seed, json } = options
  const { servlets } = await readCatalog(cwd)
  mustBeOneOf(
    'servlet',
    servlet,
    servlets.map(({ name }) => name),
  )
  const { manifest } = servlets.find(({ name }) => name === servlet)!
  const traffic = await trafficOf(options)
  const rampSeconds = (options.rampMinutes ?? manifest.rollout.rampMinutes) * 60
  const steps = rampSteps(rampSeconds)
  const powers = powerOf(traffic, steps, { ratios: ratios.slice(1) })
  const world = {
    name: servlet,
    rps: traffic.rps,
    failureRate: traffic.failureRate,
    clusterSize: (options.clustering + 1) / 2,
    effect: {},
  }
  const undecided = undecidedOf(manifest)
  const failureBudget = 1 - manifest.objectives.availabilityPercent / 100
  const learned = controlHistory(world, seed, [], hoursOfHistory)
  const simulated = ratios.map((ratio) => {
    const outcomes = Array.from({ length: canaries }, (_, index) =>
      runJudged(
        { ...world, effect: { failures: ratio } },
        seed + index,
        learned,
        { failureBudget, undecided },
        steps,
      ),
    )
    return summaryOf(ratio, outcomes, powers)
  })
  const says = powerSentence(powers)
  if (json)
    output.json({
      servlet,
      traffic,
      rampSeconds,
      whenUndecided: undecided,
      canaries,
      says,
      regressions: simulated,
    })
  else {
    const { rps, failureRate } = traffic
    output.print(
      `${servlet} at ${digits(rps)} requests a second, ${digits(failureRate * 100)} % of which fail, in ${digits(rampSeconds / 60)} minutes:`,
    )
    output.print(`${says}.`)
    output.print('')
    for (const line of tableOf(simulated)) output.print(line)
    output.note(
      `${canaries} simulated canaries a line, from seed ${seed}; docs/guides/canaries.md explains the columns`,
    )
  }
  return exitCode.done
}

/** What the manifest says, or what is usual for what it promises. */
function undecidedOf({ rollout, objectives }: ServletManifest): Undecided {
  const [written] = Object.keys(rollout.whenUndecided ?? {}) as Undecided[]
  return written ?? undecidedBy[criticalityOf(objectives.availabilityPercent)]
}

async function trafficOf(options: SimulateOptions): Promise<ExpectedTraffic> {
  const { servlet, rps, failureRate, clustering: dispersion } = options
  if (rps !== undefined && failureRate !== undefined) return { rps, failureRate, dispersion }
  const measured = await measuredTraffic(servlet, options.port ?? defaultPort())
  return { rps: rps ?? measured.rps, failureRate: failureRate ?? measured.failureRate, dispersion }
}

interface Summary {
  readonly ratio: number
  readonly rolledBack: number
  readonly promoted: number
  readonly undecided: number
  /** Seconds; null where fewer than half are found. */
  readonly medianSeconds: number | null
  readonly meanExposedRequests: number
  /** What no method can do better; null where the ramp is too short for any. */
  readonly boundSeconds: number | null
  readonly boundRolledBack: number | null
}

function summaryOf(ratio: number, outcomes: readonly Outcome[], powers: readonly Power[]): Summary {
  const share = (decision: Outcome['decision']) =>
    outcomes.filter((outcome) => outcome.decision === decision).length / outcomes.length
  const found = outcomes
    .map(({ decision, seconds }) => (decision === 'roll back' ? seconds : Number.POSITIVE_INFINITY))
    .sort((a, b) => a - b)
  const middle = found[Math.floor(found.length / 2)]!
  const bound = powers.find((power) => power.ratio === ratio)?.bound
  return {
    ratio,
    rolledBack: share('roll back'),
    promoted: share('promote'),
    undecided: share('not enough evidence'),
    medianSeconds: Number.isFinite(middle) ? middle : null,
    meanExposedRequests: Math.round(
      outcomes.reduce((sum, { exposedRequests }) => sum + exposedRequests, 0) / outcomes.length,
    ),
    boundSeconds: bound?.seconds === undefined ? null : Math.round(bound.seconds),
    boundRolledBack: bound?.detection ?? null,
  }
}

function tableOf(summaries: readonly Summary[]): string[] {
  const percent = (share: number | null) => (share === null ? '' : `${digits(share * 100)} %`)
  const seconds = (value: number | null) => (value === null ? '-' : `${value} s`)
  return textTable(
    [
      { heading: 'failures' },
      { heading: 'rolled back', align: 'end' },
      { heading: 'half within', align: 'end' },
      { heading: 'promoted', align: 'end' },
      { heading: 'undecided', align: 'end' },
      { heading: 'exposed', align: 'end' },
      { heading: 'at best', align: 'end' },
      { heading: 'within', align: 'end' },
    ],
    summaries.map((summary) => [
      summary.ratio === 1 ? 'as before' : `${summary.ratio} times`,
      percent(summary.rolledBack),
      summary.ratio === 1 ? '' : seconds(summary.medianSeconds),
      percent(summary.promoted),
      percent(summary.undecided),
      String(summary.meanExposedRequests),
      percent(summary.boundRolledBack),
      summary.ratio === 1 ? '' : seconds(summary.boundSeconds),
    ]),
  )
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
