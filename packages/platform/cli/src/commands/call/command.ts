import { InvalidArgumentError } from 'commander'
import { type CommandDeclaration, jsonOption } from '../../declaration.ts'
import { type PlatformOptions, withPlatform } from '../../platform/options.ts'

interface Options extends PlatformOptions {
  readonly token?: string
  readonly body?: string
  readonly contentType?: string
  readonly output?: string
  readonly timeout?: number
  readonly json: boolean
}

export const callCommand: CommandDeclaration = (atlas, { cwd, output, run }) => {
  withPlatform(
    atlas
      .command('call')
      .description('call an endpoint of the running platform and print its answer; streams one item a line')
      .argument('<servlet.endpoint>', 'what to call, as in greeter.greet')
      .argument('[input]', 'its input as JSON; - reads it from standard input', '{}')
      .option('--token <token>', 'who calls: a bearer token (default: ATLAS_TOKEN)')
      .option('--body <file>', 'the file to send, where the endpoint takes bytes; - is standard input')
      .option(
        '--content-type <type>',
        'the media type of --body (default: the first that the endpoint takes)',
      )
      .option('--output <file>', 'where to write the answer (default: standard output)')
      .option('--timeout <ms>', 'how long to wait at most', milliseconds),
  )
    .addOption(jsonOption())
    .action((target: string, input: string, options: Options) =>
      run(async () => (await import('./call.ts')).call({ cwd, target, input, ...options }, output)),
    )
}

function milliseconds(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('write milliseconds as a whole number.')
  return Number(text)
}
