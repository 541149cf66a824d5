import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOptions } from '../bot/run.ts'
import { changesetFiles } from '../gather/changesets-in.ts'
import type { Gathered } from '../gather/gather.ts'
import { tagOf } from '../gather/held-by.ts'
import { releasesFile, releasesText } from '../gather/releases-file.ts'
import { git } from '../git/git.ts'
import { Closures } from '../plan/closure.ts'
import type { PackageFacts } from '../plan/facts.ts'
import type { PlannedRelease } from '../plan/plan.ts'
import { withNotes } from '../version/changelog.ts'
import type { FileChanges } from '../version/journal.ts'
import { changedLockfile, changedManifest } from '../version/manifests.ts'
import { manifestChanges, refuseUndeclared } from '../version/version.ts'
import { interfaceGate } from '../vet/interface-gate.ts'
import { runTests } from '../vet/run-tests.ts'

/** The version of a hotfix: what it is and which files say so. */
export interface CutHotfix {
  readonly release: PlannedRelease
  readonly notes: string
  readonly changes: FileChanges
}

/**
 * Vets what was committed since a release, and works out the patch that it is. Checks the least: that it changes what is
 * deployed, that the interface stays, that the servlet's own tests pass.
 *
 * @param taken versions that are not free
 * @throws Error with the remedy
 */
export async function cutHotfix(
  gathered: Gathered,
  pkg: PackageFacts,
  { from, taken }: { readonly from: string; readonly taken: ReadonlySet<string> },
  { publishing, tests = true, onEvent = () => {} }: RunOptions,
): Promise<CutHotfix> {
  const { facts, workspace } = gathered
  const { root } = workspace
  const servlet = pkg.servlet!
  const last = facts.released[servlet.name]!
  const tag = tagOf(pkg.name, from)
  const subjects = await subjectsSince(root, tag)
  if (subjects.length === 0)
    throw new Error(`nothing was committed since ${tag}; commit the fix, then say --release again`)
  const to = freePatch(from, taken)
  const release: PlannedRelease = {
    package: pkg.name,
    dir: pkg.dir,
    servlet: servlet.name,
    owner: servlet.owner,
    from,
    to,
    bump: 'patch',
    certain: true,
    causes: [{ kind: 'changeset', id: tag }],
  }
  const own = await changesetsSince(gathered, tag)
  const greaterStep = own.find(({ releases }) => ['minor', 'major'].includes(releases.get(pkg.name) ?? ''))
  if (greaterStep)
    throw new Error(
      `${greaterStep.file} asks for a ${greaterStep.releases.get(pkg.name)}, and a hotfix is a patch; correct it, or release it in the ordinary way`,
    )
  const proof = (await interfaceGate(gathered, [release])).get(servlet.name)
  if (proof?.refusal !== undefined)
    throw new Error(
      `${proof.refusal.split('; run ')[0]}; a hotfix is a patch: take that change back, and release it in the ordinary way`,
    )

  onEvent({ event: 'bundling', servlet: servlet.name })
  const bundle = await publishing.bundleServlet({ root, dir: pkg.dir })
  const closures = new Closures(facts.packages)
  refuseUndeclared(pkg.name, bundle.inputs, facts.packages, closures)
  if (bundle.digest === last.content && samePlatform(last.platform, facts.platform))
    throw new Error(
      `what is committed since ${tag} changes nothing that is deployed of ${servlet.name}; look at git diff ${tag}`,
    )
  if (tests) {
    onEvent({ event: 'testing', package: pkg.name })
    const failure = await runTests(root, pkg.name)
    if (failure !== undefined)
      throw new Error(
        `the tests of ${pkg.name} fail; run npm test --workspace=${pkg.name}: ${failure.slice(-400)}`,
      )
  }

  const named = own.filter(({ releases }) => releases.has(pkg.name))
  const lines =
    named.length > 0 ? named.map(({ summary }) => summary.trim().replaceAll('\n', '\n  ')) : subjects
  const notes = `## ${to}\n\n### Patch Changes\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`
  const read = (file: string) => readFile(join(root, file), 'utf8').catch(() => undefined)
  const files: Record<string, string | null> = {}
  const manifests = manifestChanges(facts.packages, [release])
  for (const [dir, change] of manifests)
    files[`${dir}/package.json`] = changedManifest((await read(`${dir}/package.json`))!, change)
  const lock = await read('package-lock.json')
  if (lock !== undefined) files['package-lock.json'] = changedLockfile(lock, manifests)
  const changelog = `${pkg.dir}/CHANGELOG.md`
  files[changelog] = withNotes(await read(changelog), pkg.name, notes)
  files[releasesFile] = releasesText({
    ...facts.released,
    [servlet.name]: {
      version: to,
      content: bundle.digest,
      sources: closures.digestOf(pkg.name),
      platform: facts.platform,
      vetting: {
        tests: tests ? [pkg.name] : [],
        interface: { proven: proof?.proven ?? 'none', released: 'patch' },
      },
    },
  })
  return { release, notes, changes: { base: facts.commit, what: '', files } }
}

/** The first patch after a version that nobody has. */
export function freePatch(from: string, taken: ReadonlySet<string>): string {
  const [, line, patch] = /^(\d+\.\d+)\.(\d+)$/.exec(from) ?? []
  if (line === undefined) throw new Error(`'${from}' is not a version that a patch can follow`)
  for (let next = Number(patch) + 1; ; next++) if (!taken.has(`${line}.${next}`)) return `${line}.${next}`
}

/** What the commits since a tag say of themselves, oldest first. */
async function subjectsSince(root: string, tag: string): Promise<string[]> {
  const log = await git(root, ['log', '--reverse', '--no-merges', '--format=%s', `refs/tags/${tag}..HEAD`])
  if (!log.ok) throw new Error(`git log fails: ${log.stderr}; run git fetch --tags`)
  return log.stdout.split('\n').filter((line) => line !== '')
}

/** Changesets that came with the fix; others that were there at the release wait for the next ordinary one. */
async function changesetsSince(
  { facts, workspace }: Gathered,
  tag: string,
): Promise<Gathered['facts']['changesets'][number][]> {
  const added = await git(workspace.root, [
    'diff',
    '--name-only',
    '--relative',
    '--diff-filter=AM',
    `refs/tags/${tag}`,
    'HEAD',
    '--',
    '.changeset',
  ])
  const names = new Set(added.stdout.split('\n'))
  const files = new Set((await changesetFiles(workspace.root)).filter((file) => names.has(file)))
  return facts.changesets.filter(({ file }) => files.has(file))
}

function samePlatform(a: { readonly node: string; readonly base: string }, b: typeof a): boolean {
  return a.node === b.node && a.base === b.base
}
