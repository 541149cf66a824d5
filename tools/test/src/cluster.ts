import { parseArgs } from 'node:util'
import { runSuites, skipSuites } from './cluster-steps.ts'
import { bringTools } from './cluster-tools.ts'
import { noTests } from './counts.ts'
import { report } from './report.ts'

const usage = `npm run test:cluster -- [--full] [--build-minutes N]

Runs the tests that need a cluster (*.cluster.ts of every package), on one cluster that it brings up and ends. It needs root. Where
this machine cannot have a cluster they count as skipped, with the reason.

  --full             also those that are too slow for every change (*.full.cluster.ts)
  --build-minutes N  how long the tools of a cluster may take to be built, when they are missing; default 40
`

// npm runs the scripts of the root package in its folder.
const root = process.cwd()
process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = read(args)
  if (!options) return 2
  const { full, budgetMinutes } = options
  return report(root, async ({ children, goesOn, interrupted }) => {
    const tools = await bringTools({ root, full, budgetMinutes, nice: 0, interrupted })
    if (!goesOn()) return { counts: noTests, failures: [] }
    if (tools.state === 'failed') return { counts: { ...noTests, failed: 1 }, failures: [tools.why] }
    const run = { root, children, goesOn, full }
    return tools.state === 'there' ? runSuites(run) : skipSuites(run, tools.why)
  })
}

function read(args: string[]): { full: boolean; budgetMinutes: number } | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: {
        full: { type: 'boolean', default: false },
        'build-minutes': { type: 'string', default: '40' },
      },
    })
    const budgetMinutes = Number(values['build-minutes'])
    if (!(budgetMinutes >= 0 && budgetMinutes <= 24 * 60)) {
      throw new Error(`--build-minutes ${values['build-minutes']} is not a number of minutes, 0 to 1440`)
    }
    return { full: values.full, budgetMinutes }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return undefined
  }
}
