import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const impactCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('impact')
    .description('show who calls a servlet, what they use of what has changed, and which version runs where')
    .argument('<servlet>')
    .option(
      '--base <ref>',
      'compare with where HEAD left this (default: baseBranch of .changeset/config.json)',
    )
    .addOption(jsonOption())
    .action((servlet: string, options: { base?: string; json: boolean }) =>
      run(async () => (await import('./impact.ts')).impact({ cwd, servlet, ...options }, output)),
    )
}
