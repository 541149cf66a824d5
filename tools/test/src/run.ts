import { parseArgs } from 'node:util'
import { report } from './report.ts'
import { runSteps, type Selection } from './steps.ts'

const usage = `npm test -- [--affected] [PACKAGE...]

Lints, type-checks and tests the packages (all when none is named), and checks the product with 'atlas check'.

  --affected   only packages that changed since the base branch, and those that depend on them
`

// npm runs the scripts of the root package in its folder.
const root = process.cwd()
process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const selection = readSelection(args)
  if (!selection) {
    process.stderr.write(usage)
    return 2
  }
  return report(root, ({ children, goesOn }) => runSteps(root, selection, children, goesOn))
}

function readSelection(args: string[]): Selection | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { affected: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    if (values.affected && positionals.length > 0)
      throw new Error('--affected chooses the packages itself; name packages or give --affected, not both')
    return { packages: positionals, affected: values.affected }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n`)
    return undefined
  }
}
