import { createHash } from 'node:crypto'
import { assembleReleasePlan } from '@changesets/assemble-release-plan'
import type { Config, Packages } from '@changesets/types'
import type { Bump, Platform } from '../seam.ts'
import { Closures } from './closure.ts'
import type { HeldBy, PackageFacts, ReleaseFacts } from './facts.ts'
import { beyondHotfixes, withoutHotfix } from './hotfixes.ts'
import type { Cause, HeldRelease, PlannedRelease, ReleasePlan } from './plan.ts'
import { wavesOf, wavesOfEverybody } from './waves.ts'

/**
 * What is to be released. Pure. Declared releases are those of changesets; besides them every servlet is a candidate
 * that could contain something new: an upper bound, from which `version` takes away what has not really changed. Nothing
 * but a changeset makes more than a patch.
 *
 * @param withheld servlets that are not to be released now, each with what has to be done first
 */
export function planRelease(
  facts: ReleaseFacts,
  withheld: ReadonlyMap<string, readonly string[]> = new Map(),
): ReleasePlan {
  const held = [...heldReleases(facts), ...withoutHotfix(facts), ...withheldReleases(facts, withheld)]
  const heldPackages = new Set(held.map((each) => each.package))
  const { declared, ranges } = declaredReleases(facts, heldPackages)
  const closures = new Closures(facts.packages)
  const asked = askedFor(facts)
  const platformChanges = changesOfPlatform(facts)
  const releases: PlannedRelease[] = []
  for (const pkg of facts.packages) {
    if (heldPackages.has(pkg.name)) continue
    const release = declared.get(pkg.name) ?? ranges.get(pkg.name) ?? candidate(pkg, facts, closures)
    if (!release) continue
    const causes = causesOf(pkg, facts, closures, ranges.get(pkg.name), declared.has(pkg.name), asked)
    const { from, bump } = release
    const to = beyondHotfixes(release.to, pkg, facts)
    releases.push({
      package: pkg.name,
      dir: pkg.dir,
      ...(pkg.servlet && { servlet: pkg.servlet.name, owner: pkg.servlet.owner }),
      from,
      to,
      bump,
      certain: causes.some(({ kind }) => isCertain(kind, pkg)),
      causes,
    })
  }
  releases.sort((a, b) => (a.package < b.package ? -1 : 1))
  return {
    format: 1,
    commit: facts.commit,
    facts: factsDigest(facts),
    releases,
    held,
    platform: { now: facts.platform, changes: platformChanges },
    waves: wavesFor(releases, facts),
  }
}

interface Step {
  readonly from: string
  readonly to: string
  readonly bump: Bump
}

/** What the changesets ask for, and the packages that must follow because their range of one of them ends before it. */
function declaredReleases(
  { packages, changesets }: ReleaseFacts,
  held: ReadonlySet<string>,
): { declared: Map<string, Step>; ranges: Map<string, Step & { readonly packages: string[] }> } {
  const known = new Set(packages.map(({ name }) => name))
  const asked = changesets.map(({ file, releases, summary }) => ({
    id: file,
    summary,
    releases: [...releases]
      .filter(([name]) => known.has(name) && !held.has(name))
      .map(([name, type]) => ({ name, type })),
  }))
  if (asked.length === 0) return { declared: new Map(), ranges: new Map() }
  const plan = assembleReleasePlan(asked, changesetsPackages(packages), changesetsConfig, undefined)
  const declared = new Map<string, Step>()
  const ranges = new Map<string, Step & { packages: string[] }>()
  for (const { name, type, oldVersion, newVersion, changesets: ids } of plan.releases) {
    if (type === 'none') continue
    const step: Step = { from: oldVersion!, to: newVersion!, bump: type }
    if (ids.length > 0) declared.set(name, step)
    else ranges.set(name, { ...step, packages: [] })
  }
  for (const [name, { packages: because }] of ranges) {
    const pkg = packages.find((each) => each.name === name)!
    because.push(
      ...Object.keys(pkg.dependencies)
        .filter((each) => declared.has(each) || ranges.has(each))
        .sort(),
    )
  }
  return { declared, ranges }
}

/** The workspace as the libraries of changesets know it. */
export function changesetsPackages(packages: readonly PackageFacts[]): Packages {
  return {
    rootDir: '/',
    rootPackage: { dir: '/', packageJson: { name: '/', version: '0.0.0' } },
    tool: { type: 'root' },
    packages: packages.map(({ name, dir, version, dependencies, devDependencies }) => ({
      dir: `/${dir}`,
      packageJson: {
        name,
        version,
        dependencies: { ...dependencies },
        devDependencies: { ...devDependencies },
      },
    })),
  }
}

/** Packages are versioned one by one, private ones too. */
export const changesetsConfig: Config = {
  changelog: false,
  commit: false,
  fixed: [],
  linked: [],
  access: 'restricted',
  baseBranch: 'main',
  changedFilePatterns: ['**'],
  format: false,
  privatePackages: { version: true, tag: true },
  updateInternalDependencies: 'patch',
  ignore: [],
  ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: {
    onlyUpdatePeerDependentsWhenOutOfRange: false,
    updateInternalDependents: 'out-of-range',
  },
  snapshot: { useCalculatedVersion: false, prereleaseTemplate: null },
}

/** The step of a servlet that no changeset names and that might have changed all the same. */
function candidate(pkg: PackageFacts, facts: ReleaseFacts, closures: Closures): Step | undefined {
  if (!pkg.servlet) return undefined
  const last = facts.released[pkg.servlet.name]
  if (!last) return { from: pkg.version, to: pkg.version, bump: 'none' }
  const same =
    last.sources === closures.digestOf(pkg.name) &&
    platformDifferences(last.platform, facts.platform).length === 0
  return same ? undefined : { from: pkg.version, to: nextPatch(pkg.version), bump: 'patch' }
}

/** A servlet that only follows a range is a candidate: its bytes may be the same. A library has no bytes of its own to tell. */
function isCertain(kind: Cause['kind'], pkg: PackageFacts): boolean {
  return kind === 'changeset' || kind === 'first' || kind === 'platform' || (kind === 'range' && !pkg.servlet)
}

/** The files of the changesets that ask for a release of each package. */
function askedFor({ changesets }: ReleaseFacts): Map<string, string[]> {
  const asked = new Map<string, string[]>()
  for (const { file, releases } of changesets)
    for (const [name, type] of releases) {
      if (type === 'none') continue
      const files = asked.get(name)
      if (files) files.push(file)
      else asked.set(name, [file])
    }
  return asked
}

function causesOf(
  pkg: PackageFacts,
  facts: ReleaseFacts,
  closures: Closures,
  range: { readonly packages: readonly string[] } | undefined,
  isDeclared: boolean,
  asked: ReadonlyMap<string, readonly string[]>,
): Cause[] {
  const causes: Cause[] = []
  if (isDeclared) for (const id of asked.get(pkg.name) ?? []) causes.push({ kind: 'changeset', id })
  if (range) causes.push({ kind: 'range', packages: [...range.packages] })
  if (!pkg.servlet) return causes
  const last = facts.released[pkg.servlet.name]
  if (!last) return [...causes, { kind: 'first' }]
  const changes = platformDifferences(last.platform, facts.platform)
  if (changes.length > 0) causes.push({ kind: 'platform', changes })
  if (last.sources !== closures.digestOf(pkg.name)) {
    causes.push({ kind: 'sources', packages: closures.of(pkg.name).filter((name) => asked.has(name)) })
  }
  return causes
}

/** What differs below the servlets, in words. The runtime is in every bundle, whose content tells of it. */
export function platformDifferences(before: Platform, now: Platform): string[] {
  const fields = ['node', 'base'] as const
  return fields
    .filter((field) => before[field] !== now[field])
    .map((field) => `${field} ${before[field]} -> ${now[field]}`)
}

function changesOfPlatform({ released, platform }: ReleaseFacts): string[] {
  const all = Object.values(released).flatMap((last) => platformDifferences(last.platform, platform))
  return [...new Set(all)].sort()
}

function heldReleases({ changesets, packages, heldBy }: ReleaseFacts): HeldRelease[] {
  return packages
    .flatMap(({ name, servlet }): HeldRelease[] => {
      const by = servlet && heldBy[servlet.name]
      if (!by || by.length === 0) return []
      const asking = changesets.filter(({ releases }) => releases.get(name) === 'major')
      if (asking.length === 0) return []
      return [
        {
          servlet: servlet.name,
          package: name,
          changesets: changesets.filter(({ releases }) => releases.has(name)).map(({ file }) => file),
          by: by.map((each) => ({ ...each, breaks: each.breaks.map((one) => ({ ...one })) })),
          steps: stepsFor(servlet.name, by),
        },
      ]
    })
    .sort((a, b) => (a.servlet < b.servlet ? -1 : 1))
}

function withheldReleases(
  { changesets, packages }: ReleaseFacts,
  withheld: ReadonlyMap<string, readonly string[]>,
): HeldRelease[] {
  return packages.flatMap(({ name, servlet }): HeldRelease[] => {
    const steps = servlet && withheld.get(servlet.name)
    if (!steps) return []
    const named = changesets.filter(({ releases }) => releases.has(name)).map(({ file }) => file)
    return [{ servlet: servlet.name, package: name, changesets: named, by: [], steps: [...steps] }]
  })
}

/** How to get where a held major leads without breaking anybody. */
function stepsFor(servlet: string, by: readonly HeldBy[]): string[] {
  const callers = [...new Set(by.map(({ caller, owner }) => `${caller} (${owner})`))].sort()
  const environments = [...new Set(by.map(({ environment }) => environment))].sort()
  return [
    `expand: release ${servlet} with the new form beside the old one, as a minor; mark the old one deprecated with a date`,
    `move: change ${callers.join(', ')} to the new form, and release them to ${environments.join(', ')}`,
    `contract: remove the old form; this major goes out once no deployed caller uses it`,
  ]
}

/** From so many servlets on, a release of most of them goes out to few at first. */
const many = 10

function wavesFor(releases: readonly PlannedRelease[], { packages }: ReleaseFacts): string[][] {
  const chosen = new Set(releases.flatMap(({ servlet }) => servlet ?? []))
  const going = packages.flatMap(({ servlet }) => (servlet && chosen.has(servlet.name) ? [servlet] : []))
  const servlets = packages.filter(({ servlet }) => servlet).length
  return going.length >= many && going.length > servlets / 2 ? wavesOfEverybody(going) : wavesOf(going)
}

/** The digest of facts, whatever the order in which they were gathered. */
export function factsDigest(facts: ReleaseFacts): string {
  const { commit: _, ...rest } = facts
  const text = JSON.stringify(rest, (_key, value: unknown) =>
    value instanceof Map
      ? Object.fromEntries([...value].sort())
      : value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  )
  return createHash('sha256').update(text).digest('hex')
}

/** `1.4.3` of `1.4.2`; what came after a dash is gone. */
function nextPatch(version: string): string {
  const [, major, minor, patch, pre] = /^(\d+)\.(\d+)\.(\d+)(-.+)?/.exec(version) ?? []
  if (major === undefined) throw new Error(`'${version}' is not a version`)
  return pre ? `${major}.${minor}.${patch}` : `${major}.${minor}.${Number(patch) + 1}`
}
