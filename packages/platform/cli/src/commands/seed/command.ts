import { type CommandDeclaration, jsonOption } from '../../declaration.ts'
import { type PlatformOptions, withPlatform } from '../../platform/options.ts'

interface Options extends PlatformOptions {
  readonly json: boolean
}

export const seedCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  withPlatform(
    atlas
      .command('seed')
      .description(
        'fill the running platform with data to look at: the src/seed.ts of the named servlets, or of all',
      )
      .argument('[servlets...]'),
  )
    .addOption(jsonOption())
    .action((servlets: string[], options: Options) =>
      run(async () => (await import('./seed.ts')).seed({ cwd, servlets, ...options }, output)),
    )
}
