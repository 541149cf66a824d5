// What a plan needs, without what bundles, publishes and runs: a plan is asked for often, and waits for what it loads.
export { type Gathered, gather } from './gather/gather.ts'
export { platformOf } from './image/platform.ts'
export type { Cause, ReleasePlan } from './plan/plan.ts'
export { planRelease } from './plan/plan-release.ts'
export { UnplannableWorkspace } from './plan/unplannable.ts'
