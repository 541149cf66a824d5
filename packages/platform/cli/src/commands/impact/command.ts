import { InvalidArgumentError } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'
import { secondsOf } from './duration.ts'

export const impactCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  atlas
    .command('impact')
    .description('show who calls a servlet, what they use of what has changed, and which version runs where')
    .argument('<servlet>')
    .option(
      '--base <ref>',
      'compare with where HEAD left this (default: baseBranch of .changeset/config.json)',
    )
    .option(
      '--prometheus <url>',
      'read recorded calls from this Prometheus (default: from the platform that runs in this workspace)',
      address,
    )
    .option(
      '--over <duration>',
      'how far to look back in that Prometheus, such as 12h, 7d or 8w',
      duration,
      '30d',
    )
    .addOption(jsonOption())
    .action((servlet: string, options: { base?: string; prometheus?: string; over: string; json: boolean }) =>
      run(async () => (await import('./impact.ts')).impact({ cwd, servlet, ...options }, output)),
    )
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('write a URL as in http://127.0.0.1:9090.')
  return text.replace(/\/+$/, '')
}

function duration(text: string): string {
  if (Number.isNaN(secondsOf(text)))
    throw new InvalidArgumentError('write a number and a unit (s, m, h, d, w or y), as in 30d.')
  return text
}
