// What makes releases.
export {
  commitChanges,
  fetchTags,
  mustBeClean,
  pushBranch,
  resumeCommit,
  type Upstream,
  upstreamOf,
} from './bot/commit.ts'
export { type LockHolder, lockHolder, ReleaseLock, ReleaseLocked } from './bot/lock.ts'
export {
  type PublishedRelease,
  publishAll,
  publishedImages,
  type Unpublished,
  unpublished,
} from './bot/publish.ts'
export {
  type RunEvent,
  type RunOptions,
  type RunResult,
  runRelease,
} from './bot/run.ts'
export { advance, freezeOf, takesReleases } from './environment/advance.ts'
export { type Gathered, gather } from './gather/gather.ts'
export { hurtsOldCallers, tagOf } from './gather/held-by.ts'
export { readReleases, releasesFile } from './gather/releases-file.ts'
export { type BegunHotfix, beginHotfix, hotfixBranch } from './hotfix/begin-hotfix.ts'
export { type HotfixOptions, type HotfixResult, releaseHotfix } from './hotfix/release-hotfix.ts'
export { Closures } from './plan/closure.ts'
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
export { UnplannableWorkspace } from './plan/unplannable.ts'
export { wavesOf } from './plan/waves.ts'
export { type Notifier, webhookNotifier } from './tell/notify.ts'
export { finishChanges, makeChanges } from './version/journal.ts'
export { UndeclaredInput, type Versioned, version } from './version/version.ts'
export { type Approval, approvalFile, approvalText, needsApproval } from './vet/approvals.ts'

// What publishes them.

export { BundleError } from './bundle/bundle-error.ts'
export { type BundleOptions, bundleServlet, type DetailedBundle } from './bundle/bundle-servlet.ts'
export { type BaseImage, BaseImageError, baseImageFile } from './image/base/base-image.ts'
export { pinDebian } from './image/base/debian.ts'
export { type BuiltImage, buildImage, type ImageOptions } from './image/build-image.ts'
export { platformOf } from './image/platform.ts'
export { nameImage, pushImage } from './image/push-image.ts'
export { writeLayout } from './image/write-layout.ts'
export { PackageError } from './npm/package-error.ts'
export { type PublishOptions, publishRelease } from './publish-release.ts'
export {
  artifactTypes,
  attachVerdict,
  type RecordedRelease,
  type ReleaseRecord,
  readRecord,
  type Verdict,
} from './record/record.ts'
export { RegistryRefused } from './registry/errors.ts'
export { repositoryOf } from './registry/repository.ts'
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
