import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const rollbackCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('rollback')
    .description(
      'pin a servlet to the release before the one that an environment runs, if that breaks nobody',
    )
    .argument('<servlet>')
    .requiredOption('--env <environment>', 'the environment')
    .option('--to <version>', 'a release other than the one before')
    .option('--force', 'also when it breaks callers, or when that is not known', false)
    .addOption(jsonOption())
    .action((servlet: string, options: { env: string; to?: string; force: boolean; json: boolean }) =>
      run(async () => (await import('./rollback.ts')).rollback({ cwd, servlet, ...options }, output)),
    )
}
