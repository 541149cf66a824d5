import { readWorkspace } from '@atlas/manifest'
import { tagOf } from '../gather/held-by.ts'
import { readReleases, releasesFile } from '../gather/releases-file.ts'
import { git } from '../git/git.ts'
import { inWorktree } from '../git/worktree.ts'
import { runNpm } from '../npm/run-npm.ts'
import type { Released } from '../plan/facts.ts'
import type { Published, Publishing, Registries, ReleaseCandidate, Vetting } from '../seam.ts'
import type { Upstream } from './commit.ts'

/** A version that was cut and has no tag yet. */
export interface Unpublished {
  readonly servlet: string
  readonly package: string
  readonly dir: string
  readonly version: string
  readonly released: Released
}

/** A version that is whole: package, image, record and tag. */
export interface PublishedRelease {
  readonly servlet: string
  readonly package: string
  readonly version: string
  /** `sha256:...` of the image. */
  readonly digest: string
  /** Whether anything had to be made. */
  readonly made: boolean
}

/** Versions in `infra/releases.json` without a tag: a tag is made last, so these are not whole. */
export async function unpublished(root: string): Promise<Unpublished[]> {
  const [releases, workspace, tags] = await Promise.all([
    readReleases(root),
    readWorkspace(root),
    git(root, ['tag', '--list']),
  ])
  const known = new Set(tags.stdout.split('\n'))
  return workspace.packages.flatMap((pkg) => {
    const servlet = pkg.dir.slice(pkg.dir.lastIndexOf('/') + 1)
    const released = pkg.kind === 'servlet' ? releases[servlet] : undefined
    if (!released || known.has(tagOf(pkg.name, released.version))) return []
    return [{ servlet, package: pkg.name, dir: pkg.dir, version: released.version, released }]
  })
}

/** What {@link publishAll} needs besides the workspace. */
export interface PublishOptions {
  readonly registries: Registries
  readonly publishing: Publishing
  readonly upstream: Upstream | undefined
  /** Hears of each release as it is whole. */
  readonly onPublished?: (release: PublishedRelease) => void
}

const notVetted: Vetting = { tests: [], interface: { proven: 'none', released: 'none' } }

/**
 * Publishes versions: each package, image and record that is not there, then the tag. Run again after a kill it goes on where
 * it was: nothing is made twice, and nothing that has a tag is touched.
 *
 * @throws ReleaseConflict, RegistryUnavailable as publishing throws them
 */
export async function publishAll(
  root: string,
  releases: readonly Unpublished[],
  { registries, publishing, upstream, onPublished = () => {} }: PublishOptions,
): Promise<PublishedRelease[]> {
  if (releases.length === 0) return []
  const made: PublishedRelease[] = []
  await atReleaseCommit(root, async (tree, commit) => {
    const { packages } = await readWorkspace(tree)
    const versions = new Map(packages.map(({ name, version }) => [name, version]))
    for (const each of releases) {
      const { released } = each
      const own = packages.find(({ name }) => name === each.package)!
      const builtAgainst = Object.fromEntries(
        Object.keys({ ...own.devDependencies, ...own.dependencies })
          .filter((name) => versions.has(name))
          .sort()
          .map((name) => [name, versions.get(name)!]),
      )
      const candidate: ReleaseCandidate = {
        servlet: each.servlet,
        package: each.package,
        dir: each.dir,
        version: each.version,
        commit,
        content: released.content,
        platform: released.platform,
        builtAgainst,
        vetting: released.vetting ?? notVetted,
      }
      const published = await publishing.publishRelease(tree, candidate, registries)
      await tag(root, each, commit, published, upstream)
      const release = {
        servlet: each.servlet,
        package: each.package,
        version: each.version,
        digest: published.image.digest,
        made: published.made,
      }
      made.push(release)
      onPublished(release)
    }
  })
  return made
}

/** Annotated, with the digest of the image: what a rollback needs to know years later. */
async function tag(
  root: string,
  release: Unpublished,
  commit: string,
  published: Published,
  upstream: Upstream | undefined,
): Promise<void> {
  const name = tagOf(release.package, release.version)
  const message = `${name}\n\nImage: ${published.image.reference}\nImage-Digest: ${published.image.digest}\nPackage-Integrity: ${published.package.integrity}\nRecord: ${published.record}\n`
  // On the remote first: a tag here says that nothing is left to do.
  const object = await git(
    root,
    ['mktag'],
    `object ${commit}\ntype commit\ntag ${name}\ntagger Atlas releases <releases@localhost> ${Math.floor(Date.now() / 1000)} +0000\n\n${message}`,
  )
  if (!object.ok) throw new Error(`git cannot make the tag ${name}: ${object.stderr}`)
  const at = object.stdout.trim()
  if (upstream) {
    const pushed = await git(root, ['push', '--quiet', upstream.remote, `${at}:refs/tags/${name}`])
    if (!pushed.ok) {
      const fetched = await git(root, [
        'fetch',
        '--quiet',
        upstream.remote,
        `refs/tags/${name}:refs/tags/${name}`,
      ])
      if (!fetched.ok)
        throw new Error(`the tag ${name} cannot be pushed: ${pushed.stderr}; run the command again`)
      return
    }
  }
  const made = await git(root, ['update-ref', `refs/tags/${name}`, at])
  if (!made.ok) throw new Error(`git cannot make the tag ${name}: ${made.stderr}`)
}

/** The digests of the images of all releases that are whole, by tag; from the tags that are here. */
export async function publishedImages(root: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(root, [
    'for-each-ref',
    'refs/tags',
    '--format=%(refname:lstrip=2)%00%(contents)%01',
  ])
  return new Map(
    stdout.split('\u0001').flatMap((entry): [string, string][] => {
      const [name, text = ''] = entry.split('\0')
      const digest = /^Image-Digest: (sha256:[0-9a-f]{64})$/m.exec(text)?.[1]
      return digest === undefined ? [] : [[name!.trim(), digest]]
    }),
  )
}

/** Does something in the tree of the commit that cut the newest versions: here, or, when the branch went on, beside. */
async function atReleaseCommit(
  root: string,
  work: (tree: string, commit: string) => Promise<void>,
): Promise<void> {
  const cut = (await git(root, ['log', '-1', '--format=%H', '--', releasesFile])).stdout.trim()
  const differs = await git(root, ['diff', '--quiet', cut, '--', '.', ':!infra', ':!docs'])
  if (cut === '' || differs.ok) return await work(root, cut)
  await inWorktree(root, 'tree', cut, async (tree) => {
    await install(tree, cut)
    await work(tree, cut)
  })
}

/** With scripts, as whoever cut it has installed: Node itself and native packages, which images contain, come by them. */
async function install(tree: string, commit: string): Promise<void> {
  try {
    await runNpm(['ci', '--no-audit', '--no-fund'], tree)
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    throw new Error(
      `npm ci fails in a checkout of ${commit}, where the newest versions were cut: ${stderr.trim().slice(-600)}; correct what it says and run the command again`,
      { cause: error },
    )
  }
}
