import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const listCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('list')
    .description('list the servlets: owner, version, what they offer, call and keep')
    .option('--owner <team>', 'only those of a team')
    .addOption(jsonOption())
    .action((options: { owner?: string; json: boolean }) =>
      run(async () => (await import('./list.ts')).list({ cwd, ...options }, output)),
    )
}
