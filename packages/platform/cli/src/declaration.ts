import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError, exitCode } from './exit-code.ts'
import type { Output } from './output.ts'

/** What a command is declared with. */
export interface CommandContext {
  /** The folder that the command was called in. */
  readonly cwd: string
  readonly output: Output
  /** Runs what the command does. What it resolves to is the exit code; nothing means that it is done. */
  readonly run: (work: () => Promise<number | void>) => Promise<void>
}

/**
 * Adds one command with its arguments and options to `atlas`. What the command does is imported when it runs, never
 * here: every start of `atlas` loads all declarations.
 */
export type CommandDeclaration = (atlas: Command, context: CommandContext) => void

/** `--json`, as every command that prints a result has it. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document on stdout, and nothing else there').default(false)
}

/** The parser of options that are a port. */
export function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.')
  return value
}

/**
 * Where the platform on this machine answers unless an option says otherwise: `PORT`, or 8080. To be called when a
 * command runs: a bad `PORT` does not concern the others.
 *
 * @throws CommandError when `PORT` is no port
 */
export function defaultPort(): number {
  const { PORT } = process.env
  if (PORT === undefined) return 8080
  try {
    return port(PORT)
  } catch {
    throw new CommandError(`PORT is '${PORT}', which is not a number from 0 to 65535`, exitCode.usage)
  }
}

/** The parser of options that may be repeated. */
export function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}
