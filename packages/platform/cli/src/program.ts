import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { CommandError, exitCode } from './exit-code.ts'
import { type Output, standardOutput } from './output.ts'
import { platformVersion } from './scaffold/versions.ts'

/**
 * Runs `atlas` with arguments and resolves to its exit code. Commands are imported when they are used, so that
 * `atlas list` does not load what `atlas start` needs.
 */
export async function run(argv: readonly string[], output: Output = standardOutput): Promise<number> {
  let code: number = exitCode.done
  const done = async (result: Promise<number | void>) => {
    code = (await result) ?? exitCode.done
  }
  try {
    await declare(done, output).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof InvalidArgumentError) output.note(`error: PORT: ${error.message}`)
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage
    if (!(error instanceof CommandError)) throw error
    output.note(`error: ${error.message}`)
    return error.exitCode
  }
}

function declare(done: (result: Promise<number | void>) => Promise<void>, output: Output): Command {
  const cwd = process.cwd()
  const program = new Command('atlas')
    .description('Servlets: write, run, check.')
    .version(platformVersion)
    .exitOverride()
    .showHelpAfterError('(atlas --help lists the commands)')

  program
    .command('start')
    .description('run every servlet of the workspace on this machine')
    .option('--port <port>', 'where to answer; 0 takes a free one', port, port(process.env.PORT ?? '8080'))
    .action((options: { port: number }) =>
      done(import('./commands/start.ts').then(({ start }) => start({ port: options.port, cwd }, output))),
    )
  program
    .command('check')
    .description('find what is wrong: manifests, routes, calls, imports, interface documents')
    .option('--json', 'print findings as JSON', false)
    .action((options: { json: boolean }) =>
      done(import('./commands/check.ts').then(({ check }) => check({ cwd, ...options }, output))),
    )
  program
    .command('interface')
    .description('write interface.json of the named servlets, or of all')
    .argument('[servlets...]')
    .option('--json', 'print what was written as JSON', false)
    .action((servlets: string[], options: { json: boolean }) =>
      done(
        import('./commands/interface.ts').then((command) =>
          command.writeInterfaces({ cwd, servlets, ...options }, output),
        ),
      ),
    )
  program
    .command('docs')
    .description('write OpenAPI and .proto files of the servlets and of the product')
    .option('--out <folder>', 'where to', '.atlas/docs')
    .option('--json', 'print what was written as JSON', false)
    .action((options: { out: string; json: boolean }) =>
      done(import('./commands/docs.ts').then(({ docs }) => docs({ cwd, ...options }, output))),
    )
  program
    .command('list')
    .description('list the servlets, their owners, versions and routes')
    .option('--json', 'print as JSON', false)
    .action((options: { json: boolean }) =>
      done(import('./commands/list.ts').then(({ list }) => list({ cwd, ...options }, output))),
    )
  program
    .command('new')
    .description('make something new in the workspace')
    .command('servlet')
    .description('make a servlet that answers, with a test')
    .argument('<name>', 'lower-case words joined by hyphens')
    .option('--owner <team>', 'a team of infra/teams.json; may be left out where there is just one')
    .option('--scope <scope>', 'the npm scope of its package; that of the other servlets when left out')
    .option('--json', 'print what was written as JSON', false)
    .action((name: string, options: { owner?: string; scope?: string; json: boolean }) =>
      done(
        import('./commands/new-servlet.ts').then(({ newServlet }) =>
          newServlet({ cwd, name, ...options }, output),
        ),
      ),
    )
  program
    .command('init')
    .description("make a company's workspace in this folder")
    .option('--scope <scope>', 'the npm scope of its packages; from the name of the folder when left out')
    .option('--team <team>', 'the first team', 'web')
    .option('--servlet <name>', 'the first servlet', 'greeter')
    .option('--json', 'print what was written as JSON', false)
    .action((options: { scope?: string; team: string; servlet: string; json: boolean }) =>
      done(import('./commands/init.ts').then(({ init }) => init({ cwd, ...options }, output))),
    )
  return program
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.')
  return value
}
