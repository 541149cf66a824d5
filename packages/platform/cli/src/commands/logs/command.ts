import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

interface Options {
  readonly follow?: true
  readonly since?: string
  readonly lines?: string
  readonly level?: string
  readonly environment: string
  readonly namespace?: string
  readonly raw?: true
  readonly json: boolean
}

export const logsCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('logs')
    .description('print the logs of the servlets on this machine, or of the named ones')
    .argument('[servlets...]')
    .option('-f, --follow', 'go on as lines are written, until Ctrl-C')
    .option('--since <when>', 'from then on: 10m, 2h, 1d, or a time such as 2026-11-25T10:00:00Z')
    .option('--lines <count>', 'the last ones only (default: 100, or all with --since)')
    .option('--level <level>', 'only lines of this level or a worse one: debug, info, warn, error')
    .option('--environment <name>', 'of which environment', 'local')
    .option('--namespace <name>', 'of which namespace of it')
    .option('--raw', 'print the lines as they are written: JSON, one object a line')
    .addOption(jsonOption())
    .action((servlets: string[], options: Options) =>
      run(async () => (await import('./logs.ts')).logs({ cwd, servlets, ...options }, output)),
    )
}
