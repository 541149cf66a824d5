import { type CommandDeclaration, jsonOption, listed } from '../../../declaration.ts'

export const newServletCommand: CommandDeclaration = (group, { cwd, output, run }) => {
  group
    .command('servlet')
    .description('make a servlet that answers, with a test; on a terminal, asks for what is left out')
    .argument('[name]', 'lower-case words joined by hyphens')
    .option('--owner <team>', 'a team of infra/teams.json; may be left out where there is just one')
    .option('--scope <scope>', 'the npm scope of its package; that of the other servlets when left out')
    .option('--description <sentence>', 'what it is for')
    .option('--endpoint <name>', 'its first endpoint (default: greet)')
    .option('--route <route>', "where that answers (default: 'GET /<name>/{name}')")
    .option('--access <access>', 'who may call that: public, user or internal (default: public)')
    .option('--store <name=kind>', 'a store of kind postgres or blobs; may be repeated', listed)
    .option('--config <name=value>', 'a config value with its default, JSON or text; may be repeated', listed)
    .option('--secret <name=what>', 'a secret and what it is; may be repeated', listed)
    .option('--calls <servlet>', 'a servlet that it calls; may be repeated', listed)
    .option('--callers <servlet>', 'a servlet that may call it; may be repeated (default: all)', listed)
    .addOption(jsonOption())
    .action((name: string | undefined, options: { json: boolean }) =>
      run(async () => (await import('./new-servlet.ts')).newServlet({ cwd, name, ...options }, output)),
    )
}
