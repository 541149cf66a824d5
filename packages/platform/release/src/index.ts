// What makes releases.
export {
  type Acceptance,
  accepts,
  bumps,
  type Changeset,
  changesetText,
  greater,
  readChangeset,
} from './changesets/changeset.ts'
export {
  type EnvironmentLock,
  type LockedRelease,
  lockFile,
  lockText,
  parseLock,
  readLocks,
} from './environment/locks.ts'
export { changesetFiles } from './gather/changesets-in.ts'
export { type Gathered, gather } from './gather/gather.ts'
export { hurtsOldCallers, tagOf } from './gather/held-by.ts'
export { readReleases, releasesFile } from './gather/releases-file.ts'
export { filesIn, type GitResult, git, textsOf } from './git/git.ts'
export type { HeldBy, PackageFacts, Released, ReleaseFacts, ServletFacts } from './plan/facts.ts'
export {
  type Cause,
  type HeldRelease,
  type PlannedRelease,
  parsePlan,
  type ReleasePlan,
  ReleasePlanSchema,
} from './plan/plan.ts'
export { planRelease } from './plan/plan-release.ts'
export { wavesOf } from './plan/waves.ts'
export { writeAtomically } from './version/write-atomically.ts'

// What publishes them.

// Between the two.
export {
  type Bump,
  type Platform,
  type Published,
  type Publishing,
  type Registries,
  RegistryUnavailable,
  type ReleaseCandidate,
  ReleaseConflict,
  type ServletBundle,
  type Vetting,
} from './seam.ts'
