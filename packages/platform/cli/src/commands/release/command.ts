import { type CommandDeclaration, jsonOption, listed } from '../../declaration.ts'

export const releaseCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  const release = atlas.command('release').description('plan, version and publish what has changed')
  const registries = (command: ReturnType<typeof release.command>) =>
    command
      .option('--npm <url>', 'the npm registry (default: what npm is configured to)')
      .option('--registry <name>', 'the OCI registry with a path (default: that of the environments)')

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
    .command('approve')
    .description(
      'approve the planned version of a servlet whose manifest asks for it; commit what is written',
    )
    .argument('<servlet>')
    .addOption(jsonOption())
    .action((servlet: string, options: { json: boolean }) =>
      run(async () => (await import('./approve.ts')).approve({ cwd, servlet, ...options }, output)),
    )

  registries(release.command('publish'))
    .description('publish versions that were cut and are not published: packages, images, records, tags')
    .addOption(jsonOption())
    .action((options: { npm?: string; registry?: string; json: boolean }) =>
      run(async () => (await import('./publish.ts')).publish({ cwd, ...options }, output)),
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

  registries(release.command('run'))
    .description(
      'release what is ready, in waves: plan, vet, version, publish, move environments, tell owners',
    )
    .option('--dry-run', 'show what would be done, and do nothing', false)
    .option('--no-tests', 'do not run the tests of servlets and their callers first')
    .option('--webhook <url>', 'also post what concerns each owner here; may be repeated', listed, [])
    .option('--json', 'print a JSON document on each line of stdout as things happen', false)
    .action(
      (options: {
        npm?: string
        registry?: string
        dryRun: boolean
        tests: boolean
        webhook: string[]
        json: boolean
      }) => run(async () => (await import('./run.ts')).runCommand({ cwd, ...options }, output)),
    )
}
