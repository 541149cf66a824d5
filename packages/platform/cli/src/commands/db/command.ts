import type { Command } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

/** Which databases. */
interface Place {
  readonly environment: string
  readonly namespace?: string
  readonly json: boolean
}

export const dbCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  const group = atlas.command('db').description('the databases of Postgres stores on this machine')
  const placed = (command: Command) =>
    command
      .option('--environment <name>', 'of which environment', 'local')
      .option('--namespace <name>', 'of which namespace of it')
      .addOption(jsonOption())
  placed(group.command('migrate'))
    .description('make databases where there are none, and apply new migrations')
    .argument('[stores...]', 'SERVLET or SERVLET.STORE; all when left out')
    .action((stores: string[], options: Place) =>
      run(async () => (await import('./migrate.ts')).migrate({ cwd, stores, ...options }, output)),
    )
  placed(group.command('reset'))
    .description('begin anew: remove databases with all that is in them, then make them again')
    .argument('[stores...]', 'SERVLET or SERVLET.STORE')
    .option('--all', 'every database of the environment and namespace')
    .action((stores: string[], options: Place & { readonly all?: true }) =>
      run(async () => (await import('./reset.ts')).reset({ cwd, stores, ...options }, output)),
    )
  placed(group.command('psql'))
    .description('ask a database: a prompt on a terminal, else SQL from standard input')
    .argument('<store>', 'SERVLET or SERVLET.STORE')
    .option('-c, --command <sql>', 'run this and end')
    .action((store: string, options: Place & { readonly command?: string }) =>
      run(async () => (await import('./psql.ts')).psql({ cwd, store, ...options }, output)),
    )
}
