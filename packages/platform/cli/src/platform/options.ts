import { type Command, Option } from 'commander'
import { port } from '../declaration.ts'

/** How commands that talk to a running platform are told where it is. */
export interface PlatformOptions {
  readonly url?: string
  readonly port?: number
}

/** Adds `--url` and `--port`. */
export function withPlatform(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'where the platform answers').conflicts('port'))
    .option(
      '--port <port>',
      'its port on this machine (default: where atlas start runs in this workspace, else PORT, else 8080)',
      port,
    )
}
