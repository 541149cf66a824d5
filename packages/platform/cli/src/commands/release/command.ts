import { type CommandDeclaration, jsonOption } from '../../declaration.ts'

export const releaseCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  const release = atlas.command('release').description('plan and version what has changed')
  release
    .command('plan')
    .description('show what would be released, and why; an upper bound, changes nothing')
    .option('--out <file>', 'also write the plan to a file, for atlas release version --plan')
    .addOption(jsonOption())
    .action((options: { out?: string; json: boolean }) =>
      run(async () => (await import('./plan.ts')).plan({ cwd, ...options }, output)),
    )

  release
    .command('version')
    .description('write versions, changelogs and infra/releases.json for what has really changed')
    .option('--plan <file>', 'apply this plan, as made by atlas release plan --out')
    .option('--commit', 'commit what is written', false)
    .addOption(jsonOption())
    .action((options: { plan?: string; commit: boolean; json: boolean }) =>
      run(async () => (await import('./version.ts')).versionCommand({ cwd, ...options }, output)),
    )

  release
    .command('status')
    .description(
      'show what waits: changesets, versions that are not published, held majors, who is releasing',
    )
    .addOption(jsonOption())
    .action((options: { json: boolean }) =>
      run(async () => (await import('./status.ts')).status({ cwd, ...options }, output)),
    )
}
