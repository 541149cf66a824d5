/**
 * What CI runs once packages are installed: the tools of a cluster are built at the lowest priority beside what `npm test` runs,
 * then come the tests that need a cluster. One line closes all of it. On two cores and with an empty home it ends within 90
 * minutes, by these budgets:
 */

import { runSuites, skipSuites } from './cluster-steps.ts'
import { bringTools, type Tools } from './cluster-tools.ts'
import { noTests, sum } from './counts.ts'
import { report } from './report.ts'
import { type Result, runSteps } from './steps.ts'

/** Minutes from the start until the tools are there: 40 for them and 20 for `npm test`, which share the processors. */
const toolsMinutes = 60
/** Minutes from the start until everything has ended, the installation of packages before it not counted. */
const allMinutes = 86

// npm runs the scripts of the root package in its folder.
const root = process.cwd()

process.exitCode = await report(root, async ({ children, goesOn, interrupted }) => {
  const deadline = AbortSignal.timeout(allMinutes * 60_000)
  deadline.addEventListener('abort', () => children.end('SIGTERM'))
  const building = bringTools({
    root,
    full: false,
    budgetMinutes: toolsMinutes,
    nice: 19,
    interrupted,
  }).catch((error: Error): Tools => ({ state: 'failed', why: error.message }))
  const results: Result[] = [await runSteps(root, { packages: [], affected: false }, children, goesOn)]
  const tools = await building
  const run = { root, children, goesOn, full: false, deadline }
  if (tools.state === 'failed') results.push({ counts: { ...noTests, failed: 1 }, failures: [tools.why] })
  else if (goesOn())
    results.push(await (tools.state === 'there' ? runSuites(run) : skipSuites(run, tools.why)))
  return {
    counts: sum(results.map(({ counts }) => counts)),
    failures: results.flatMap((one) => one.failures),
  }
})
