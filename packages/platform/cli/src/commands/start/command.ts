import { InvalidArgumentError, Option } from 'commander'
import { type CommandDeclaration, defaultPort, port } from '../../declaration.ts'
import type { StartOptions } from './start.ts'

export const startCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('start')
    .description('run every servlet of the workspace on this machine')
    .option('--port <port>', 'where to answer; 0 takes a free one (default: PORT, or 8080)', port)
    .addOption(
      new Option(
        '--placement <placement>',
        'all in one process, a process each, or the groups of infra/environments/local.json (default: merged up to 30 servlets, isolated beyond)',
      ).choices(['merged', 'isolated', 'groups']),
    )
    .option('--namespace <name>', 'use data of this name, fresh at first, beside those of others', namespace)
    .option('--awake <count>', 'processes with servlets at once (default: 150)', atLeastOne)
    .option(
      '--memory <MiB>',
      'memory of all processes together (default: half of the machine, at most 8192)',
      atLeastOne,
    )
    .option('--idle <seconds>', 'how long a process without requests stays (default: 300)', atLeastOne)
    .option('--no-watch', 'do not load what is saved')
    .action((options: Omit<StartOptions, 'cwd' | 'port'> & { port?: number }) =>
      run(async () => {
        const { start } = await import('./start.ts')
        return start({ ...options, cwd, port: options.port ?? defaultPort() }, output)
      }),
    )
}

function atLeastOne(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('it is a whole number from 1 on.')
  return value
}

/** A part of the names of folders and databases. */
function namespace(text: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text) || text.length > 40)
    throw new InvalidArgumentError(
      'a namespace is lower-case words joined by hyphens, of at most 40 letters.',
    )
  return text
}
