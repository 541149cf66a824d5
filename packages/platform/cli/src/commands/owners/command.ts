import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const ownersCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('owners')
    .description('write .github/CODEOWNERS from manifests and teams')
    .option('--check', 'write nothing; fail when it is not what it should be', false)
    .addOption(jsonOption())
    .action((options: { check: boolean; json: boolean }) =>
      run(async () => (await import('./owners.ts')).owners({ cwd, ...options }, output)),
    )
}
