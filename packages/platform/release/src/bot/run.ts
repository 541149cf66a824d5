import { join } from 'node:path'
import { catalogOf, lockFile, lockText, readLocks, readWorkspace } from '@atlas/manifest'
import { advance, takesReleases } from '../environment/advance.ts'
import { Freezes } from '../environment/freezes.ts'
import { type Gathered, gather } from '../gather/gather.ts'
import { tagOf } from '../gather/held-by.ts'
import { readReleases } from '../gather/releases-file.ts'
import { git } from '../git/git.ts'
import { linksOf } from '../git/links.ts'
import { readHotfixes } from '../hotfix/hotfixes-file.ts'
import type { PackageFacts } from '../plan/facts.ts'
import type { HeldRelease, PlannedRelease, ReleasePlan } from '../plan/plan.ts'
import { planRelease } from '../plan/plan-release.ts'
import { UnplannableWorkspace } from '../plan/unplannable.ts'
import { wavesOf } from '../plan/waves.ts'
import type { Publishing, Registries, Vetting } from '../seam.ts'
import { digestsOf } from '../tell/digests.ts'
import { fileNotifier, type Notifier } from '../tell/notify.ts'
import { messageOf, Telling, type Told } from '../tell/telling.ts'
import { type Versioned, version } from '../version/version.ts'
import { approvalOf, needsApproval } from '../vet/approvals.ts'
import { interfaceGate, type Proof } from '../vet/interface-gate.ts'
import { runTests, testsFor } from '../vet/run-tests.ts'
import {
  branchOf,
  commitChanges,
  fetchTags,
  mustBeClean,
  pushBranch,
  resumeCommit,
  type Upstream,
  upstreamOf,
} from './commit.ts'
import { ReleaseLock } from './lock.ts'
import {
  type PublishedRelease,
  publishAll,
  publishedImages,
  type Unpublished,
  unpublished,
} from './publish.ts'
import { Digests } from './untold.ts'

/** What a run says as it goes; one JSON line each. */
export type RunEvent =
  | { readonly event: 'resumed'; readonly what: string }
  | {
      readonly event: 'planned'
      readonly releases: readonly PlannedRelease[]
      readonly waves: readonly (readonly string[])[]
    }
  | { readonly event: 'held'; readonly held: HeldRelease }
  | { readonly event: 'bundling'; readonly servlet: string }
  | { readonly event: 'testing'; readonly package: string }
  | {
      readonly event: 'cut'
      readonly releases: readonly PlannedRelease[]
      readonly unchanged: readonly string[]
    }
  | { readonly event: 'published'; readonly wave: number; readonly release: PublishedRelease }
  | {
      readonly event: 'locked'
      readonly wave: number
      readonly environment: string
      readonly servlets: readonly string[]
    }
  | {
      readonly event: 'stopped'
      readonly environment: string
      readonly servlet: string
      readonly why: string
    }
  | Told
  | { readonly event: 'done'; readonly published: number; readonly held: number; readonly stopped: number }

/** Options of a run. */
export interface RunOptions {
  readonly registries: Registries
  readonly publishing: Publishing
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean
  /** Whether tests are run before a version is cut. @default true */
  readonly tests?: boolean
  /** Besides the files in `.atlas/release/digests`. */
  readonly notifiers?: readonly Notifier[]
  readonly onEvent?: (event: RunEvent) => void
}

/** How a run ended. */
export interface RunResult {
  readonly published: readonly PublishedRelease[]
  readonly held: readonly HeldRelease[]
  readonly stopped: readonly {
    readonly environment: string
    readonly servlet: string
    readonly why: string
  }[]
}

/**
 * Releases what is ready: finishes what an earlier run began, plans, vets, cuts versions in one commit, publishes wave by wave,
 * moves the environments, tells owners. Whatever instruction it is killed at, the next run completes it.
 *
 * @throws ReleaseLocked while somebody else releases
 * @throws UnplannableWorkspace, ReleaseConflict, RegistryUnavailable, UndeclaredInput
 */
export async function runRelease(root: string, options: RunOptions): Promise<RunResult> {
  const { onEvent = () => {}, publishing } = options
  if (options.dryRun) {
    const { plan } = await planned(root, publishing, new Map())
    onEvent({ event: 'planned', releases: plan.releases, waves: plan.waves })
    for (const held of plan.held) onEvent({ event: 'held', held })
    return { published: [], held: plan.held, stopped: [] }
  }
  const upstream = await upstreamOf(root)
  await using lock = await ReleaseLock.take(root, upstream?.remote)
  if (await resumeCommit(root)) onEvent({ event: 'resumed', what: 'a commit that was begun' })
  await mustBeClean(root)
  await pushBranch(root, upstream)
  await fetchTags(root, upstream)
  const published: PublishedRelease[] = []
  const freezes = new Freezes(await callsIn(root))
  const stops = new Map<string, RunResult['stopped'][number]>()
  const move = async (servlets: readonly string[], wave: number) => {
    const { moved, stopped } = await moveEnvironments(servlets, wave, { root, upstream, onEvent, freezes })
    // What stopped a release need not stop the next one, or it may stop both.
    for (const { environment, servlets } of moved) {
      freezes.free(environment, servlets)
      for (const servlet of servlets) stops.delete(`${environment} ${servlet}`)
    }
    for (const { frozen, ...each } of stopped) {
      if (frozen !== undefined) freezes.keep(each.environment, each.servlet, frozen)
      stops.set(`${each.environment} ${each.servlet}`, each)
    }
  }
  const out = async (servlets: readonly string[], wave: number) => {
    await lock.check()
    const waiting = (await unpublished(root)).filter(({ servlet }) => servlets.includes(servlet))
    published.push(
      ...(await publishAll(root, waiting, {
        ...options,
        upstream,
        onPublished: (release) => onEvent({ event: 'published', wave, release }),
      })),
    )
  }
  // Whatever an earlier run has cut, or published, and not brought everywhere, before anything new.
  const waiting = await unpublished(root)
  if (waiting.length > 0)
    onEvent({ event: 'resumed', what: `${waiting.length} versions that were cut and not published` })
  for (const wave of await unfinished(root, waiting)) {
    await out(wave, 0)
    await move(wave, 0)
  }
  const digests = await Digests.open(root, upstream?.remote)
  const telling = tellingOf(root, options)
  if ((await digests.waiting()) > 0) {
    onEvent({ event: 'resumed', what: 'what owners were not told' })
    await digests.tellWhole(telling)
  }
  const { cut, plan, gathered, proofs } = await vetted(root, options)
  for (const held of plan.held) onEvent({ event: 'held', held })
  onEvent({ event: 'cut', releases: cut.releases, unchanged: cut.unchanged.map(({ package: name }) => name) })
  const news = { ...cut, proofs, catalog: catalogOf(gathered.workspace).catalog, links: await linksOf(root) }
  if (cut.releases.length > 0) {
    // Tests may have taken their time.
    await lock.check()
    await digests.add(
      {
        branch: await branchOf(root, upstream),
        tags: tagsOf(cut.releases),
        digests: digestsOf({ ...news, held: [] }),
      },
      telling,
    )
    await commitChanges(root, cut.changes, commitMessage(cut.releases))
    await pushBranch(root, upstream)
  }
  const going = new Set(cut.releases.flatMap(({ servlet }) => servlet ?? []))
  freezes.begin()
  for (const [index, wave] of plan.waves.entries()) {
    const now = wave.filter((name) => going.has(name))
    await out(now, index + 1)
    await move(now, index + 1)
  }
  // What is held is news only as long as it is, and every run tells it.
  const now = digestsOf({ ...news, held: plan.held })
  const told = await digests.tellAdded(telling, new Map(now.map(({ owner, text }) => [owner, text])))
  const today = new Date().toISOString()
  for (const digest of now) if (!told.has(digest.owner)) await telling.tell(messageOf(digest, today))
  const stopped = [...stops.values()]
  onEvent({ event: 'done', published: published.length, held: plan.held.length, stopped: stopped.length })
  return { published, held: plan.held, stopped }
}

async function planned(
  root: string,
  publishing: Pick<Publishing, 'platformOf'>,
  withheld: ReadonlyMap<string, readonly string[]>,
): Promise<{ gathered: Gathered; plan: ReleasePlan }> {
  const gathered = await gather(root, publishing.platformOf)
  const errors = gathered.findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new UnplannableWorkspace(errors)
  return { gathered, plan: planRelease(gathered.facts, withheld) }
}

/** Plans, bundles and vets until nothing more has to be withheld: a servlet that fails does not stop the others. */
async function vetted(
  root: string,
  { publishing, tests = true, onEvent = () => {} }: RunOptions,
): Promise<{ cut: Versioned; plan: ReleasePlan; gathered: Gathered; proofs: ReadonlyMap<string, Proof> }> {
  const withheld = new Map<string, readonly string[]>()
  const verdicts = new Map<string, string | undefined>()
  for (;;) {
    const { gathered, plan } = await planned(root, publishing, withheld)
    onEvent({ event: 'planned', releases: plan.releases, waves: plan.waves })
    const first = await version(gathered, plan, publishing, {
      onBundle: (servlet) => onEvent({ event: 'bundling', servlet }),
    })
    const proofs = await interfaceGate(gathered, first.releases)
    const vetting = new Map<string, Vetting>()
    const before = withheld.size
    const { catalog } = catalogOf(gathered.workspace)
    for (const release of first.releases) {
      if (release.servlet === undefined) continue
      const proof = proofs.get(release.servlet)
      if (proof?.refusal !== undefined) {
        withheld.set(release.servlet, [proof.refusal])
        continue
      }
      const approved = needsApproval(release, catalog)
        ? await approvalOf(root, release, packageOf(gathered, release), catalog)
        : undefined
      if (approved?.missing !== undefined) {
        withheld.set(release.servlet, [approved.missing])
        continue
      }
      const passed: string[] = []
      for (const name of tests ? testsFor(release.servlet, gathered.facts.packages) : []) {
        if (!verdicts.has(name)) {
          onEvent({ event: 'testing', package: name })
          verdicts.set(name, await runTests(root, name))
        }
        const failure = verdicts.get(name)
        if (failure === undefined) passed.push(name)
        else
          withheld.set(release.servlet, [
            `the tests of ${name} fail; run npm test --workspace=${name}: ${failure.slice(-400)}`,
          ])
      }
      vetting.set(release.servlet, {
        tests: passed,
        interface: { proven: proof?.proven ?? 'none', released: release.bump },
        ...(approved && { approvedBy: [approved.by] }),
      })
    }
    if (withheld.size > before) continue
    const cut = await version(gathered, plan, publishing, { vetting })
    return { cut, plan, gathered, proofs }
  }
}

function packageOf({ facts }: Gathered, release: PlannedRelease): PackageFacts {
  return facts.packages.find(({ name }) => name === release.package)!
}

/** Servlets whose newest release is not published, or not in every environment that takes releases; in waves. */
async function unfinished(root: string, waiting: readonly Unpublished[]): Promise<string[][]> {
  const [{ catalog }, releases, locks] = await Promise.all([
    readWorkspace(root).then((it) => catalogOf(it)),
    readReleases(root),
    readLocks(root),
  ])
  const takers = Object.entries(catalog.environments).filter(([, each]) => takesReleases(each))
  const isWaiting = new Set(waiting.map(({ servlet }) => servlet))
  const left = catalog.servlets.filter(({ name }) => {
    const newest = releases[name]?.version
    if (newest === undefined) return false
    return isWaiting.has(name) || takers.some(([each]) => locks[each]?.[name]?.version !== newest)
  })
  return wavesOf(left.map(({ name, calls }) => ({ name, calls: Object.keys(calls) })))
}

interface Moving {
  readonly root: string
  readonly upstream: Upstream | undefined
  readonly onEvent: (event: RunEvent) => void
  readonly freezes: Freezes
}

interface Moved {
  readonly moved: readonly { readonly environment: string; readonly servlets: readonly string[] }[]
  readonly stopped: readonly (RunResult['stopped'][number] & { readonly frozen?: string })[]
}

/**
 * Moves the lock of each environment to the newest whole release of some servlets, in a commit of its own. What is there
 * already is left alone, so it does not matter who moved what before a kill.
 */
async function moveEnvironments(
  servlets: readonly string[],
  number: number,
  { root, upstream, onEvent, freezes }: Moving,
): Promise<Moved> {
  const [{ catalog }, locks, images, newest, hotfixes] = await Promise.all([
    readWorkspace(root).then((it) => catalogOf(it)),
    readLocks(root),
    publishedImages(root),
    readReleases(root),
    readHotfixes(root),
  ])
  const releases = Object.fromEntries(
    catalog.servlets.flatMap(({ name, package: packageName }) => {
      const version = servlets.includes(name) ? newest[name]?.version : undefined
      const digest = version === undefined ? undefined : images.get(tagOf(packageName, version))
      return digest === undefined ? [] : [[name, { version: version!, digest }]]
    }),
  )
  const today = new Date().toISOString().slice(0, 10)
  const files: Record<string, string> = {}
  const stopped: Moved['stopped'][number][] = []
  const moved: { environment: string; servlets: readonly string[] }[] = []
  for (const [name, environment] of Object.entries(catalog.environments)) {
    if (!takesReleases(environment)) continue
    const waiting = freezes.waiting(name, servlets)
    const advanced = advance(environment, locks[name] ?? {}, releases, today, hotfixes, waiting)
    for (const { frozen, ...each } of advanced.stopped) {
      stopped.push({ environment: name, ...each, ...(frozen !== undefined && { frozen }) })
      onEvent({ event: 'stopped', environment: name, ...each })
    }
    if (advanced.changed.length === 0) continue
    files[lockFile(name)] = lockText(advanced.lock)
    moved.push({ environment: name, servlets: advanced.changed })
  }
  if (moved.length === 0) return { moved, stopped }
  const base = (await git(root, ['rev-parse', 'HEAD'])).stdout.trim()
  const names = moved.map(({ environment }) => environment).join(', ')
  await commitChanges(
    root,
    { base, what: '', files },
    `Release to ${names}: ${[...new Set(moved.flatMap((each) => each.servlets))].sort().join(', ')}`,
  )
  await pushBranch(root, upstream)
  for (const each of moved) onEvent({ event: 'locked', wave: number, ...each })
  return { moved, stopped }
}

/** What tells owners: files, and whatever else there is. */
export function tellingOf(
  root: string,
  { notifiers = [], onEvent }: Pick<RunOptions, 'notifiers' | 'onEvent'>,
): Telling {
  return new Telling([fileNotifier(join(root, '.atlas/release/digests')), ...notifiers], onEvent)
}

function tagsOf(releases: readonly PlannedRelease[]): string[] {
  return releases.flatMap(({ servlet, package: name, to }) =>
    servlet === undefined ? [] : [tagOf(name, to)],
  )
}

async function callsIn(root: string): Promise<Record<string, readonly string[]>> {
  const { catalog } = catalogOf(await readWorkspace(root))
  return Object.fromEntries(catalog.servlets.map(({ name, calls }) => [name, Object.keys(calls)]))
}

function commitMessage(releases: readonly PlannedRelease[]): string {
  const lines = releases.map(({ package: name, to }) => `- ${name} ${to}`)
  return `Release ${releases.length === 1 ? `${releases[0]!.package} ${releases[0]!.to}` : `${releases.length} packages`}\n\n${lines.join('\n')}\n`
}
