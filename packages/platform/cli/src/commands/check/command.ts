import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const checkCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('check')
    .description('find what is wrong: manifests, routes, calls, imports, interface documents, changesets')
    .option(
      '--base <ref>',
      'hold changesets against where HEAD left this (default: baseBranch of .changeset/config.json)',
    )
    .addOption(jsonOption())
    .action((options: { base?: string; json: boolean }) =>
      run(async () => (await import('./check.ts')).check({ cwd, ...options }, output)),
    )
}
