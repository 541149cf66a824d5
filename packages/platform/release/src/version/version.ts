import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { satisfies } from 'semver'
import { type Changeset, changesetText } from '../changesets/changeset.ts'
import { originsOf } from '../changesets/origins.ts'
import type { Gathered } from '../gather/gather.ts'
import { releasesFile, releasesText } from '../gather/releases-file.ts'
import { linksOf } from '../git/links.ts'
import { hotfixesFile, hotfixesText, readHotfixes } from '../hotfix/hotfixes-file.ts'
import { Closures } from '../plan/closure.ts'
import type { PackageFacts, Released, ReleaseFacts } from '../plan/facts.ts'
import type { PlannedRelease, ReleasePlan } from '../plan/plan.ts'
import { factsDigest } from '../plan/plan-release.ts'
import type { Publishing, Vetting } from '../seam.ts'
import { approvalFile } from '../vet/approvals.ts'
import { releaseNotes, withNotes } from './changelog.ts'
import { decide, toBundle } from './decide.ts'
import type { FileChanges } from './journal.ts'
import { changedLockfile, changedManifest, type ManifestChange } from './manifests.ts'

/** What a version step comes to; nothing is written yet. */
export interface Versioned {
  readonly releases: readonly PlannedRelease[]
  /** Candidates that are what their last release was. */
  readonly unchanged: readonly PlannedRelease[]
  /** Release notes by package. */
  readonly notes: ReadonlyMap<string, string>
  readonly changes: FileChanges
}

/** What a version step may be given. */
export interface VersionOptions {
  /** Hears of each servlet before it is bundled. */
  readonly onBundle?: (servlet: string) => void
  /** What was done before, by servlet; it is written down beside the version. */
  readonly vetting?: ReadonlyMap<string, Vetting>
}

/** A servlet reads what its package.json does not reach, so no plan could know when it changes. */
export class UndeclaredInput extends Error {}

/**
 * Bundles the servlets of a plan, leaves out the candidates whose content is what their last release had, and works out
 * the files: versions, changelogs, changesets that are done, the lockfile, and `infra/releases.json`.
 *
 * @throws Error when the workspace is not what the plan was made from
 * @throws UndeclaredInput when a bundle reads a file of a package that is not among its dependencies
 */
export async function version(
  { facts, workspace }: Gathered,
  plan: ReleasePlan,
  publishing: Pick<Publishing, 'bundleServlet'>,
  { onBundle = () => {}, vetting = new Map() }: VersionOptions = {},
): Promise<Versioned> {
  if (plan.facts !== factsDigest(facts))
    throw new Error(
      `the workspace is not what this plan was made from (at ${plan.commit.slice(0, 12)}); run npx atlas release plan again`,
    )
  const { root } = workspace
  const closures = new Closures(facts.packages)
  const contents = new Map<string, string>()
  // One after another: a bundle uses all cores by itself.
  for (const { package: name, dir, servlet } of toBundle(plan)) {
    onBundle(servlet!)
    const bundle = await publishing.bundleServlet({ root, dir })
    refuseUndeclared(name, bundle.inputs, facts.packages, closures)
    contents.set(servlet!, bundle.digest)
  }
  const { releases, unchanged } = decide(plan, facts.released, contents)
  const read = (file: string) =>
    readFile(join(root, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  const files: Record<string, string | null> = {}
  const notes = new Map<string, string>()
  const manifests = manifestChanges(facts.packages, releases)
  for (const [dir, change] of manifests)
    files[`${dir}/package.json`] = changedManifest((await read(`${dir}/package.json`))!, change)
  const lock = await read('package-lock.json')
  if (lock !== undefined && manifests.size > 0) files['package-lock.json'] = changedLockfile(lock, manifests)
  const references = {
    origins:
      releases.length > 0 ? await originsOf(root, changesetsOf(facts.changesets, releases)) : new Map(),
    links: await linksOf(root),
  }
  for (const release of releases) {
    const text = releaseNotes(release, facts.changesets, references)
    notes.set(release.package, text)
    const file = `${release.dir}/CHANGELOG.md`
    files[file] = withNotes(await read(file), release.package, text)
  }
  if (releases.length > 0) {
    Object.assign(files, doneChangesets(facts.changesets, plan))
    Object.assign(files, await doneHotfixes(root, releases))
    for (const { servlet } of releases) {
      const file = servlet && approvalFile(servlet)
      if (file && (await read(file)) !== undefined) files[file] = null
    }
    files[releasesFile] = releasesText(releasedAfter(facts, plan, releases, contents, closures, vetting))
  }
  return {
    releases,
    unchanged,
    notes,
    changes: { base: facts.commit, what: `versions of ${releases.length} packages`, files },
  }
}

/** The files that notes of releases are made of. */
function changesetsOf(changesets: readonly Changeset[], releases: readonly PlannedRelease[]): string[] {
  const names = releases.map(({ package: name }) => name)
  return changesets.filter((each) => names.some((name) => each.releases.has(name))).map(({ file }) => file)
}

/** What is released contains its hotfixes, so nothing need be said of them any more. */
async function doneHotfixes(
  root: string,
  releases: readonly PlannedRelease[],
): Promise<Record<string, string>> {
  const released = new Set(releases.map(({ servlet }) => servlet))
  const hotfixes = Object.entries(await readHotfixes(root))
  const left = hotfixes.filter(([servlet]) => !released.has(servlet))
  return left.length === hotfixes.length ? {} : { [hotfixesFile]: hotfixesText(Object.fromEntries(left)) }
}

/** @throws UndeclaredInput */
export function refuseUndeclared(
  name: string,
  inputs: readonly string[],
  packages: readonly PackageFacts[],
  closures: Closures,
): void {
  const reached = new Set(closures.of(name))
  for (const { name: other, dir } of packages) {
    if (reached.has(other)) continue
    const read = inputs.find((input) => input.startsWith(`${dir}/`))
    if (read !== undefined)
      throw new UndeclaredInput(
        `${name} contains ${read}, and its package.json does not depend on ${other}: a change of it would reach nobody; add "${other}": "*" to its dependencies and run npm install`,
      )
  }
}

/** New versions, and new ranges where a version leaves the range that another package has of it; by folder. */
export function manifestChanges(
  packages: readonly PackageFacts[],
  releases: readonly PlannedRelease[],
): Map<string, ManifestChange> {
  const versions = new Map(releases.map(({ package: name, to }) => [name, to]))
  const changes = new Map<string, ManifestChange>()
  for (const { name, dir, version: before, dependencies, devDependencies } of packages) {
    const ranges: Record<string, string> = {}
    for (const [other, range] of Object.entries({ ...devDependencies, ...dependencies })) {
      const to = versions.get(other)
      if (to !== undefined && !satisfies(to, range)) ranges[other] = `${/^[\^~]/.exec(range)?.[0] ?? ''}${to}`
    }
    const to = versions.get(name)
    const isNew = to !== undefined && to !== before
    if (isNew || Object.keys(ranges).length > 0) changes.set(dir, { ...(isNew && { version: to }), ranges })
  }
  return changes
}

/** Changesets that are done are gone; of those that a held servlet is in, what is left stays. */
function doneChangesets(changesets: readonly Changeset[], plan: ReleasePlan): Record<string, string | null> {
  const held = new Set(plan.held.map((each) => each.package))
  return Object.fromEntries(
    changesets.map(({ file, releases, summary }) => {
      const left = new Map([...releases].filter(([name]) => held.has(name)))
      return [file, left.size === 0 ? null : changesetText(left, summary)]
    }),
  )
}

function releasedAfter(
  facts: ReleaseFacts,
  plan: ReleasePlan,
  releases: readonly PlannedRelease[],
  contents: ReadonlyMap<string, string>,
  closures: Closures,
  vetting: ReadonlyMap<string, Vetting>,
): Record<string, Released> {
  const after: Record<string, Released> = { ...facts.released }
  const isReleased = new Set(releases.flatMap(({ servlet }) => servlet ?? []))
  for (const { package: name, servlet, to } of toBundle(plan)) {
    const last = facts.released[servlet!]
    const sources = closures.digestOf(name)
    if (isReleased.has(servlet!))
      after[servlet!] = {
        version: to,
        content: contents.get(servlet!)!,
        sources,
        platform: facts.platform,
        ...(vetting.has(servlet!) && { vetting: vetting.get(servlet!)! }),
      }
    // Looked at and found the same: it need not be looked at again.
    else if (last) after[servlet!] = { ...last, sources }
  }
  return after
}
