import { type CommandDeclaration, jsonOption } from '../../../declaration.ts'

export const newServletCommand: CommandDeclaration = (group, { cwd, output, run }) => {
  group
    .command('servlet')
    .description('make a servlet that answers, with a test')
    .argument('<name>', 'lower-case words joined by hyphens')
    .option('--owner <team>', 'a team of infra/teams.json; may be left out where there is just one')
    .option('--scope <scope>', 'the npm scope of its package; that of the other servlets when left out')
    .addOption(jsonOption())
    .action((name: string, options: { owner?: string; scope?: string; json: boolean }) =>
      run(async () => (await import('./new-servlet.ts')).newServlet({ cwd, name, ...options }, output)),
    )
}
