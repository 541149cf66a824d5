import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Bench, BenchOptions, Measured, Row } from '../bench.ts'
import { type Case, interleave, series } from '../rounds.ts'
import { type Estimate, median, ratioOfMedians } from '../statistics.ts'
import { makeMonorepo, newVersions, reset } from './monorepo.ts'
import { installNx, linkNx, nxVersion } from './nx.ts'

const repo = resolve(import.meta.dirname, '../../../..')
const atlas = join(repo, 'packages/platform/cli/src/bin.ts')

/** What planning and versioning a monorepo cost, beside changesets and nx. */
export const release: Bench = {
  name: 'release',
  summary: 'Plans and versions monorepos of 200 and 1,000 packages, beside changeset version and nx release.',
  run,
}

async function run({ quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const sizes = quick
    ? [{ packages: 60, changesets: 10 }]
    : [200, 1000].flatMap((packages) => [20, 100, 200].map((changesets) => ({ packages, changesets })))
  const rounds = quick ? 2 : 3
  const changesets = await changesetsBin()
  progress(`nx ${nxVersion}, with @nx/js`)
  const nxFolder = await installNx(repo)
  const rows: Row[] = []
  const ratios: Record<string, Estimate> = {}
  const figures: Record<string, number> = {}
  for (const size of sizes) {
    const name = `${size.packages} packages, ${size.changesets} changesets`
    const root = join(scratch, `${size.packages}-${size.changesets}`)
    progress(`making ${name}`)
    await makeMonorepo(root, size)
    const nx = await linkNx(root, nxFolder)
    const cases: Case<Timed>[] = [
      { name: 'atlas release plan', measure: () => timed(root, [atlas, 'release', 'plan', '--json']) },
      {
        name: 'atlas release version',
        measure: () => versioned(root, [atlas, 'release', 'version', '--json']),
      },
      {
        name: 'changeset version',
        rounds: size.packages < 1000 ? rounds : 2,
        measure: () => versioned(root, [changesets, 'version']),
      },
      {
        name: 'nx release',
        rounds: size.packages < 1000 ? 2 : 1,
        measure: () => versioned(root, [nx, 'release', '--skip-publish'], nxEnvironment),
      },
    ]
    const samples = await interleave(cases, rounds, (text) => progress(`${name}: ${text}`))
    for (const { case: what, round, measured } of samples)
      rows.push({
        part: name,
        case: what,
        round,
        seconds: Math.round(measured.seconds * 1000) / 1000,
        released: measured.released,
      })
    const times = (what: string) => series(samples, what, ({ seconds }) => seconds)
    const suffix = `${size.packages}x${size.changesets}`
    figures[`planSeconds${suffix}`] = median(times('atlas release plan'))
    figures[`versionSeconds${suffix}`] = median(times('atlas release version'))
    figures[`changesetVersionSeconds${suffix}`] = median(times('changeset version'))
    figures[`nxReleaseSeconds${suffix}`] = median(times('nx release'))
    const isLast = size === sizes.at(-1)
    for (const peer of ['changeset version', 'nx release']) {
      const where = isLast ? '' : `, ${name}`
      const theirs = times(peer)
      // Rounds that both have, so that both met the machine as it was then.
      const ours = (what: string) => times(what).slice(0, theirs.length)
      ratios[`${peer}${where}`] = ratioOfMedians(theirs, ours('atlas release version'))
      ratios[`${peer} over atlas release plan${where}`] = ratioOfMedians(theirs, ours('atlas release plan'))
    }
    await rm(root, { recursive: true, force: true })
  }
  return {
    rows,
    ratios,
    figures,
    bars: quick ? [] : [{ figure: 'planSeconds1000x200', atMost: 1 }],
    flags: { rounds },
    versions: {
      node: process.versions.node,
      '@changesets/cli': await versionOf('@changesets/cli'),
      'nx, @nx/js': nxVersion,
    },
    method: `
Each measurement is a process of its own, from its start to its end, on the same repository in the same state; the files that it changes are put back
before the next. Nothing is kept from one to the next but what the operating system caches. So that a run ends within minutes, \`changeset version\` has two
rounds at 1,000 packages, and \`nx release\` two at 200 and one at 1,000: a ratio of one round has no interval. A ratio is of the rounds that both sides have.

The workspaces are made: three libraries to seven servlets, four dependencies each (\`"*"\`), one commit before the changes and one with them. Of the
platform they have a module that only starts a servlet, so a bundle takes milliseconds; with the whole platform in it, it takes some tenths of a second.

\`atlas release version\`, \`changeset version\` and \`nx release\` read the same intents (changesets, for nx the same files as version plans), and write versions
and changelogs; the ratios with their names are against \`atlas release version\`. What they do is not quite the same. \`changeset version\` releases packages that
changesets name, and none that only contains them; the \`"*"\` of a dependent never ends. \`nx release\` releases every dependent of
them, whether it contains what has changed or not; its daemon, its cache, committing, tagging and the update of the lockfile are off. \`atlas release version\` bundles every
servlet that could have changed, which with 200 changesets is nearly every one, and releases those that differ. The ratios over \`atlas release plan\` say how long one
waits to see what will be released; \`changeset version\` and \`nx release\` know it no sooner than they have done it.
`,
  }
}

/** Without what nx keeps between runs, and without a question. */
const nxEnvironment = { NX_DAEMON: 'false', CI: 'true', NX_NO_CLOUD: 'true' }

interface Timed {
  readonly seconds: number
  /** How many packages have a new version after it. */
  readonly released: number
}

/** As {@link timed}. @throws Error when no package has a new version after it */
async function versioned(...how: Parameters<typeof timed>): Promise<Timed> {
  const measured = await timed(...how)
  if (measured.released === 0) throw new Error(`${how[1].slice(0, 3).join(' ')} has versioned nothing`)
  return measured
}

async function timed(
  root: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Timed> {
  reset(root)
  const began = performance.now()
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - began) / 1000
  if (code !== 0) throw new Error(`${args.slice(0, 3).join(' ')} ends with ${code}: ${said}`)
  return { seconds, released: newVersions(root) }
}

async function changesetsBin(): Promise<string> {
  const file = manifestOf('@changesets/cli')
  const { bin } = JSON.parse(await readFile(file, 'utf8')) as { bin: string | Record<string, string> }
  return join(dirname(file), typeof bin === 'string' ? bin : bin.changeset!)
}

async function versionOf(name: string): Promise<string> {
  return (JSON.parse(await readFile(manifestOf(name), 'utf8')) as { version: string }).version
}

function manifestOf(name: string): string {
  return createRequire(join(repo, 'package.json')).resolve(`${name}/package.json`)
}
