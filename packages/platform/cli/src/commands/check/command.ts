import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const checkCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('check')
    .description('find what is wrong: manifests, routes, calls, imports, interface documents')
    .addOption(jsonOption())
    .action((options: { json: boolean }) =>
      run(async () => (await import('./check.ts')).check({ cwd, ...options }, output)),
    )
}
