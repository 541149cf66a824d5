export { CounterDeltas, type Quality, type Skipped } from './evidence/counter-deltas.ts'
export type { PodCounters, Scrape } from './evidence/scrape.ts'
export { type ArmTick, isUsable, type Tick } from './evidence/tick.ts'
export { Judge } from './judge/judge.ts'
export {
  type Criticality,
  criticalityOf,
  type JudgeOptions,
  type Settings,
  type Undecided,
  undecidedBy,
} from './judge/options.ts'
export type { MetricFinding, Verdict } from './judge/verdict.ts'
export {
  type ExpectedTraffic,
  type InformationBound,
  informationBound,
} from './planning/information-bound.ts'
export { type Power, powerOf, powerSentence } from './planning/power.ts'
export { rampSteps, type Step, tenMinutes } from './planning/ramp.ts'
export { reportPage, sentenceOf } from './report/page.ts'
export { type CanaryRecord, type Moment, Recorder } from './report/record.ts'
export { Dispersion } from './sequential/dispersion.ts'
