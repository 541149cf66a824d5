import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Children } from './children.ts'
import { closingLine } from './counts.ts'
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
  const children = new Children({ cwd: root, env: environment() })
  let interruptedBy: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      interruptedBy ??= signal
      children.end(signal)
    })

  const { counts, failures } = await runSteps(root, selection, children, () => interruptedBy === undefined)
  const ran = counts.passed + counts.failed > 0
  print('')
  for (const failure of failures) print(`✗ ${failure}`)
  if (!ran) print('✗ no test ran')
  if (interruptedBy) print(`interrupted by ${interruptedBy}`)
  print(closingLine(counts))
  if (interruptedBy) return 130
  return counts.failed === 0 && ran ? 0 : 1
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

/** Without nx's own variables, which a run inside another nx task would inherit and obey. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'))
  return {
    ...Object.fromEntries(inherited),
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
