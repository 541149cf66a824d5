import {
  catalogOf,
  type Environment,
  type EnvironmentLock,
  lockFile,
  lockText,
  readLocks,
  readWorkspace,
} from '@atlas/manifest'
import { branchOf, commitChanges, mustBeClean, pushBranch, resumeCommit, upstreamOf } from '../bot/commit.ts'
import { ReleaseLock } from '../bot/lock.ts'
import { type PublishedRelease, publishAll, publishedImages, unpublished } from '../bot/publish.ts'
import { type RunOptions, tellingOf } from '../bot/run.ts'
import { Digests } from '../bot/untold.ts'
import { freezeOf, takesReleases } from '../environment/advance.ts'
import { pinnedText } from '../environment/pinned-text.ts'
import { gather } from '../gather/gather.ts'
import { tagOf } from '../gather/held-by.ts'
import { releasesFile } from '../gather/releases-file.ts'
import { git } from '../git/git.ts'
import { linksOf } from '../git/links.ts'
import { UnplannableWorkspace } from '../plan/unplannable.ts'
import { digestsOf } from '../tell/digests.ts'
import { hotfixBranch, trunkOf } from './begin-hotfix.ts'
import { cutHotfix } from './cut-hotfix.ts'
import { hotfixesFile, hotfixesText, readHotfixes } from './hotfixes-file.ts'
import { changeTrunk, readTrunk, type Trunk } from './trunk.ts'

/** Options of {@link releaseHotfix}. */
export interface HotfixOptions extends RunOptions {
  readonly servlet: string
  /** Environments that get it; those that run what it was made from when left out. */
  readonly environments?: readonly string[]
  /** The branch whose environments get it. @default the one that the hotfix was begun from */
  readonly onto?: string
  /** Also where a freeze forbids it. */
  readonly force?: boolean
}

/** What became of a hotfix. */
export interface HotfixResult {
  readonly servlet: string
  readonly package: string
  readonly from: string
  readonly to: string
  /** Empty when it was published before. */
  readonly published: readonly PublishedRelease[]
  readonly environments: readonly string[]
  readonly stopped: readonly { readonly environment: string; readonly why: string }[]
  readonly trunk: string
}

/**
 * Releases what was committed on the branch of a hotfix: vets it, cuts a patch, publishes it, and names it in the locks of the
 * environments that run what it was made from. The trunk learns of it before anything is published, so that no ordinary
 * release can come after it without it. Whatever instruction it is killed at, the next run completes it.
 *
 * @throws ReleaseLocked while somebody else releases
 * @throws UnplannableWorkspace, ReleaseConflict, RegistryUnavailable, UndeclaredInput
 * @throws Error with the remedy
 */
export async function releaseHotfix(root: string, options: HotfixOptions): Promise<HotfixResult> {
  const { servlet, publishing, registries, onEvent = () => {}, onto } = options
  const branch = (await git(root, ['branch', '--show-current'])).stdout.trim()
  const from = branch.startsWith(`hotfix/${servlet}-`) ? branch.slice(`hotfix/${servlet}-`.length) : undefined
  if (from === undefined)
    throw new Error(
      `the branch is ${branch === '' ? 'none' : branch}, and hotfixes of ${servlet} are on ${hotfixBranch(servlet, 'VERSION')}; begin one with npx atlas hotfix ${servlet} --from VERSION`,
    )
  const upstream = await upstreamOf(root)
  const trunk: Trunk =
    onto === undefined ? await trunkOf(root, branch) : { remote: upstream?.remote, branch: onto }
  await using lock = await ReleaseLock.take(root, trunk.remote)
  if (await resumeCommit(root)) onEvent({ event: 'resumed', what: 'a commit that was begun' })
  await mustBeClean(root)

  const gathered = await gather(root, publishing.platformOf)
  const errors = gathered.findings.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new UnplannableWorkspace(errors)
  const pkg = gathered.facts.packages.find((each) => each.servlet?.name === servlet)
  if (!pkg) throw new Error(`there is no servlet ${servlet} on ${branch}`)
  const asked = await readTrunk(root, trunk, (tree) => takersIn(tree, servlet, from, pkg.version, options))
  for (const { environment, why } of asked.stopped) onEvent({ event: 'stopped', environment, servlet, why })

  const last = gathered.facts.released[servlet]
  if (!last)
    throw new Error(`${releasesFile} does not name ${servlet}: ${branch} is no branch of a release of it`)
  const digests = await Digests.open(root, trunk.remote)
  const telling = tellingOf(root, options)
  let to = last.version
  if (to !== from) await mustEndWithCut(root, servlet, tagOf(pkg.name, to))
  else {
    const taken = await versionsOf(root, pkg.name, asked.hotfixes)
    const cut = await cutHotfix(gathered, pkg, { from, taken }, options)
    to = cut.release.to
    onEvent({ event: 'cut', releases: [cut.release], unchanged: [] })
    const news = digestsOf({
      releases: [cut.release],
      held: [],
      notes: new Map([[pkg.name, cut.notes]]),
      proofs: new Map(),
      catalog: catalogOf(gathered.workspace).catalog,
      links: await linksOf(root),
    })
    await digests.add(
      { branch: await branchOf(root, upstream), tags: [tagOf(pkg.name, to)], digests: news },
      telling,
    )
    await commitChanges(root, cut.changes, `Release ${pkg.name} ${cut.release.to}`)
  }
  await pushBranch(root, upstream)
  const commit = await fixCommit(root)
  await changeTrunk(root, trunk, async (tree) => {
    const known = await readHotfixes(tree)
    const own = known[servlet] ?? []
    // Once an ordinary release contains it, it must not come back.
    if (own.some(({ version }) => version === to) || (await hasTag(root, tagOf(pkg.name, to))))
      return undefined
    const files = {
      [hotfixesFile]: hotfixesText({ ...known, [servlet]: [...own, { version: to, from, commit }] }),
    }
    return { files, message: `Hotfix ${pkg.name} ${to}` }
  })
  await lock.check()
  const waiting = (await unpublished(root)).filter((each) => each.servlet === servlet)
  const published = await publishAll(root, waiting, {
    registries,
    publishing,
    upstream,
    onPublished: (release) => onEvent({ event: 'published', wave: 1, release }),
  })
  const digest = (await publishedImages(root)).get(tagOf(pkg.name, to))!
  const environments = new Set<string>()
  await changeTrunk(root, trunk, async (tree) => {
    environments.clear()
    const { takers, locks } = await takersIn(tree, servlet, from, to, options)
    const files: Record<string, string> = {}
    for (const { name, pin } of takers) {
      environments.add(name)
      files[lockFile(name)] = lockText({ ...locks[name], [servlet]: { version: to, digest } })
      if (pin) Object.assign(files, await pinnedText(tree, name, { servlet, version: to }))
    }
    return takers.length > 0
      ? { files, message: `Release to ${[...environments].join(', ')}: ${servlet} ${to}` }
      : undefined
  })
  for (const environment of environments)
    onEvent({ event: 'locked', wave: 1, environment, servlets: [servlet] })
  await digests.tellWhole(telling)
  return {
    servlet,
    package: pkg.name,
    from,
    to,
    published,
    environments: [...environments],
    stopped: asked.stopped,
    trunk: trunk.branch,
  }
}

interface Takers {
  readonly takers: readonly { readonly name: string; readonly pin: boolean }[]
  readonly stopped: { readonly environment: string; readonly why: string }[]
  readonly locks: Readonly<Record<string, EnvironmentLock>>
  readonly hotfixes: readonly { readonly version: string }[]
}

/**
 * The environments of the trunk that run what is fixed, and so get the fix.
 *
 * @throws Error where one is asked for that runs something else
 */
async function takersIn(
  tree: string,
  servlet: string,
  from: string,
  to: string,
  { environments: wanted = [], force = false }: HotfixOptions,
): Promise<Takers> {
  const [{ catalog }, locks, hotfixes] = await Promise.all([
    readWorkspace(tree).then((it) => catalogOf(it)),
    readLocks(tree),
    readHotfixes(tree),
  ])
  const unknown = wanted.find((name) => !Object.hasOwn(catalog.environments, name))
  if (unknown !== undefined)
    throw new Error(
      `there is no environment ${unknown}; there are ${Object.keys(catalog.environments).join(', ')}`,
    )
  const today = new Date().toISOString().slice(0, 10)
  const takers: { name: string; pin: boolean }[] = []
  const stopped: Takers['stopped'] = []
  const runs = (name: string) => locks[name]?.[servlet]?.version
  for (const [name, environment] of Object.entries<Environment>(catalog.environments)) {
    if (!takesReleases(environment) || (wanted.length > 0 && !wanted.includes(name))) continue
    if (wanted.includes(name) && runs(name) !== from && runs(name) !== to)
      throw new Error(
        runs(name) === undefined
          ? `${name} does not run ${servlet}; atlas release run brings it there`
          : `${name} runs ${servlet} ${runs(name)}, and this is a fix of ${from}; begin one of what runs there: npx atlas hotfix ${servlet} --from ${runs(name)}`,
      )
    if (runs(name) !== from) continue
    const freeze = freezeOf(environment, servlet, today)
    const pin = environment.pins[servlet]
    if (freeze !== undefined && !force) stopped.push({ environment: name, why: `frozen: ${freeze}` })
    else if (pin !== undefined && pin !== from) stopped.push({ environment: name, why: `pinned to ${pin}` })
    else takers.push({ name, pin: pin !== undefined })
  }
  return { takers, stopped, locks, hotfixes: hotfixes[servlet] ?? [] }
}

/** All versions that a package has had, and those that hotfixes are about to have. */
async function versionsOf(
  root: string,
  packageName: string,
  hotfixes: readonly { readonly version: string }[],
): Promise<ReadonlySet<string>> {
  const prefix = `${packageName}@`
  const tags = await git(root, ['tag', '--list', `${prefix}*`])
  return new Set([
    ...tags.stdout.split('\n').map((tag) => tag.slice(prefix.length)),
    ...hotfixes.map(({ version }) => version),
  ])
}

/** @throws Error when there are commits after a hotfix that is published: they are another one */
async function mustEndWithCut(root: string, servlet: string, tag: string): Promise<void> {
  const after = await git(root, ['rev-list', '--count', `refs/tags/${tag}..HEAD`])
  if (!after.ok || after.stdout.trim() === '0') return
  const version = tag.slice(tag.lastIndexOf('@') + 1)
  throw new Error(
    `${version} is released already, and there are commits after it; make them a fix of it: npx atlas hotfix ${servlet} --from ${version}, then git cherry-pick them`,
  )
}

/** The commit before the one that cut the version: what has to be merged. */
async function fixCommit(root: string): Promise<string> {
  const cut = await git(root, ['log', '-1', '--format=%P', '--', releasesFile])
  return cut.stdout.trim().split(' ')[0]!
}

async function hasTag(root: string, tag: string): Promise<boolean> {
  return (await git(root, ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}`])).ok
}
