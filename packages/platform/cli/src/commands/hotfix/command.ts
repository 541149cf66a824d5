import { type CommandDeclaration, jsonOption, listed } from '../../declaration.ts'

export const hotfixCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('hotfix')
    .description(
      'fix a release that runs: check out its branch with --from, commit the fix, then --release it',
    )
    .argument('<servlet>')
    .option('--from <version>', 'begin (or go on with) a fix of this release')
    .option('--release', 'release what was committed on the branch as a patch', false)
    .option(
      '--env <environment>',
      'who gets it (default: who runs what it fixes); may be repeated',
      listed,
      [],
    )
    .option('--onto <branch>', 'the branch of these environments (default: the one that it was begun from)')
    .option('--force', 'also where a freeze forbids it', false)
    .option('--no-tests', 'do not run the tests of the servlet first')
    .option('--webhook <url>', 'also post what concerns its owner here; may be repeated', listed, [])
    .option('--npm <url>', 'the npm registry (default: what npm is configured to)')
    .option('--registry <name>', 'the OCI registry with a path (default: that of the environments)')
    .addOption(jsonOption())
    .action(
      (
        servlet: string,
        options: {
          from?: string
          release: boolean
          env: string[]
          onto?: string
          force: boolean
          tests: boolean
          webhook: string[]
          npm?: string
          registry?: string
          json: boolean
        },
      ) => run(async () => (await import('./hotfix.ts')).hotfix({ cwd, servlet, ...options }, output)),
    )
}
