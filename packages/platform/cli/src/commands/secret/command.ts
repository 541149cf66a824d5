import type { Command } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

interface Options {
  readonly environment: string
  readonly json: boolean
}

export const secretCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  const group = atlas
    .command('secret')
    .description('the secrets of servlets on this machine, kept out of git')
  const placed = (command: Command) =>
    command.option('--environment <name>', 'of which environment', 'local').addOption(jsonOption())
  placed(group.command('set'))
    .description('keep a secret: asked for on a terminal, else read from standard input')
    .argument('<name>', 'SERVLET.SECRET, or SECRET where one servlet has it')
    .action((name: string, options: Options) =>
      run(async () => (await import('./set.ts')).setSecret({ cwd, name, ...options }, output)),
    )
  placed(group.command('unset'))
    .description('forget a secret')
    .argument('<name>', 'SERVLET.SECRET, or SECRET where one servlet has it')
    .action((name: string, options: Options) =>
      run(async () => (await import('./unset.ts')).unsetSecret({ cwd, name, ...options }, output)),
    )
  placed(group.command('list'))
    .description('which secrets there are and which are missing, never their values')
    .action((options: Options) =>
      run(async () => (await import('./list.ts')).listSecrets({ cwd, ...options }, output)),
    )
}
