import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { clustersOf, end, exclusively } from '@atlas/tools-cluster'
import type { Children } from './children.ts'
import { type Counts, noTests, parsePackageLine, sum } from './counts.ts'
import type { Result } from './steps.ts'
import { clusterSuites, type Suite, suiteScript } from './suites.ts'

/** How the tests that need a cluster are run. */
export interface ClusterRun {
  readonly root: string
  readonly children: Children
  /** Whether to go on with the next suite; false after an interrupt. */
  readonly goesOn: () => boolean
  /** Whether the tests are run that are too slow for every change. */
  readonly full: boolean
  /** When aborted, what runs was ended, and nothing more starts. */
  readonly deadline?: AbortSignal
}

/** What a run on this cluster leaves open, whatever its counts say. */
const notShown =
  'Not shown by these tests: NetworkPolicies are accepted and not enforced by the bridge of this cluster. npm test -- provision evaluates them.'

/** Runs the suites one after another on the cluster that they share, and ends it. A suite that fails does not stop the next. */
export async function runSuites(run: ClusterRun): Promise<Result> {
  const results: Result[] = []
  try {
    for (const suite of await clusterSuites(run.root, run.full)) {
      if (!run.goesOn()) break
      if (run.deadline?.aborted) {
        results.push(failure(`${suiteScript} of ${suite.name} was not started: no time was left`))
      } else results.push(await runSuite(run, suite))
    }
  } finally {
    await endClusters(run.root)
  }
  process.stdout.write(`\n${notShown}\n`)
  return {
    counts: sum(results.map(({ counts }) => counts)),
    failures: results.flatMap((one) => one.failures),
  }
}

async function runSuite({ children, full, deadline }: ClusterRun, { name }: Suite): Promise<Result> {
  process.stdout.write(`\n> ${suiteScript} of ${name}\n`)
  let counts: Counts | undefined
  // By npm, as by hand: it puts this repository's Node in front.
  const code = await children.run(
    'npm',
    ['run', '--silent', '--workspace', name, suiteScript],
    (line) => {
      const closing = parsePackageLine(stripVTControlCharacters(line))
      if (closing?.name === name) counts = closing.counts
    },
    { env: { ATLAS_CLUSTER_FULL: full ? '1' : '' } },
  )
  const what = `${suiteScript} of ${name}`
  if (deadline?.aborted) return failure(`${what} was ended: no time was left`, counts)
  if (!counts) return failure(`${what} ended without a count (exit code ${code})`)
  if (counts.failed > 0) return { counts, failures: [`${what}: ${counts.failed} failed`] }
  return code === 0 ? { counts, failures: [] } : failure(`${what} failed with exit code ${code}`, counts)
}

/**
 * Ends the clusters of suites: the shared one, and those of their own that a suite which was killed has left. Others of this
 * checkout go on.
 */
async function endClusters(root: string): Promise<void> {
  // Of a suite that plays two checkouts.
  const played = join(root, '.atlas/test-checkouts')
  const names = await readdir(played).catch((): string[] => [])
  for (const checkout of [root, ...names.map((name) => join(played, name))]) {
    for (const which of await clustersOf(checkout)) {
      if (which.name === 'test' || which.name.startsWith('test-')) await exclusively(which, () => end(which))
    }
  }
}

/** Counts the tests of the suites as skipped, and says in one sentence why. Files that cannot even be read are failures. */
export async function skipSuites(run: ClusterRun, why: string): Promise<Result> {
  const results: Result[] = []
  for (const suite of await clusterSuites(run.root, run.full)) {
    if (run.goesOn()) results.push(await listSuite(run, suite))
  }
  const counts = sum(results.map((one) => one.counts))
  const tests =
    counts.skipped === 1
      ? '1 test needs a cluster and was'
      : `${counts.skipped} tests need a cluster and were`
  process.stdout.write(`\n${tests} skipped: ${why}\n`)
  return { counts, failures: results.flatMap(({ failures }) => failures) }
}

async function listSuite({ root, children, full }: ClusterRun, { name, folder }: Suite): Promise<Result> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = join(root, 'vitest.cluster.config.ts')
  let text = ''
  const code = await children.run(
    process.execPath,
    [vitest, 'list', '--json', '--staticParse=false', '--config', config, '--root', folder],
    (line, stream) => {
      if (stream === 'stdout') text += `${line}\n`
    },
    { env: { ATLAS_CLUSTER_FULL: full ? '1' : '' }, shows: 'errors' },
  )
  const start = text.indexOf('[\n')
  const listed = code === 0 && start >= 0 ? (JSON.parse(text.slice(start)) as unknown[]) : undefined
  if (!listed) return failure(`the tests of ${name} that need a cluster cannot be listed (exit code ${code})`)
  return { counts: { ...noTests, skipped: listed.length }, failures: [] }
}

function failure(text: string, counts: Counts = noTests): Result {
  return { counts: { ...counts, failed: counts.failed + 1 }, failures: [text] }
}
