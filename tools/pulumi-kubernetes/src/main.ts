import { fillHome, pulumiHome } from './home.ts'

const usage = `npm run pulumi-home

Lets \`npx pulumi\` work where nothing can be downloaded: puts the command that the toolchain built, and stand-ins of the Node
language host and the Kubernetes provider, into the Pulumi home ($PULUMI_HOME, or ~/.pulumi). What is official stays.
`

if (process.argv.length > 2) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  try {
    for (const { path, state } of await fillHome(pulumiHome(), process.cwd())) {
      process.stdout.write(`${state.padEnd(8)}  ${path}\n`)
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
