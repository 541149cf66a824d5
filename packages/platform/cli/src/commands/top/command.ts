import { InvalidArgumentError } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'
import { type PlatformOptions, withPlatform } from '../../platform/options.ts'

interface Options extends PlatformOptions {
  readonly once?: true
  readonly interval: number
  readonly sort: string
  readonly json: boolean
}

export const topCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  withPlatform(
    atlas
      .command('top')
      .description('show what each servlet of the running platform does; live on a terminal')
      .option('--once', 'print once and end, as --json and pipes do anyway')
      .option('--interval <seconds>', 'how often to look', seconds, 1)
      .option('--sort <column>', 'name, state, requests, errors, p50, p99, cpu or memory', 'name'),
  )
    .addOption(jsonOption())
    .action((options: Options) =>
      run(async () => (await import('./top.ts')).top({ cwd, ...options }, output)),
    )
}

function seconds(text: string): number {
  const value = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || value < 0.1 || value > 3600)
    throw new InvalidArgumentError('write seconds from 0.1 to 3600.')
  return value
}
