import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const listCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('list')
    .description('list the servlets, their owners, versions and routes')
    .addOption(jsonOption())
    .action((options: { json: boolean }) =>
      run(async () => (await import('./list.ts')).list({ cwd, ...options }, output)),
    )
}
