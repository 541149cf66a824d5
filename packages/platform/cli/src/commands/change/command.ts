import { Option } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const changeCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('change')
    .description('draft a changeset: the version step that the interface proves, and what changed')
    .argument('[servlets...]', 'all that have changed when left out')
    .addOption(
      new Option('--bump <step>', 'a greater step than the proven one').choices(['patch', 'minor', 'major']),
    )
    .option('--message <text>', 'what to tell those who depend on it, in place of the drafted summary')
    .option(
      '--base <ref>',
      'compare with where HEAD left this (default: baseBranch of .changeset/config.json)',
    )
    .addOption(jsonOption())
    .action(
      (
        servlets: string[],
        options: { bump?: 'patch' | 'minor' | 'major'; message?: string; base?: string; json: boolean },
      ) => run(async () => (await import('./change.ts')).change({ cwd, servlets, ...options }, output)),
    )
}
