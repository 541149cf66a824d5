import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const routesCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('routes')
    .description('list the routes of all servlets, or say who answers a request')
    .argument(
      '[request...]',
      "a request to find the route of, as in 'GET /greet/ada'; the method may be left out",
    )
    .option('--servlet <name>', 'only those of a servlet')
    .addOption(jsonOption())
    .action((request: string[], options: { servlet?: string; json: boolean }) =>
      run(async () => (await import('./routes.ts')).routes({ cwd, request, ...options }, output)),
    )
}
