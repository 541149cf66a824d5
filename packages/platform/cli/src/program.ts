import { Command, CommanderError, Help, type Option } from 'commander'
import { commandGroups } from './commands.ts'
import type { CommandContext } from './declaration.ts'
import { CommandError, exitCode } from './exit-code.ts'
import { type Output, standardOutput } from './output.ts'
import { platformVersion } from './scaffold/versions.ts'

/**
 * Runs `atlas` with arguments and resolves to its exit code. With `--json` a failure is a document too:
 * `{ "error": { "message" } }`.
 *
 * @throws whatever is a bug: anything but a `CommandError`
 */
export async function run(argv: readonly string[], output: Output = standardOutput): Promise<number> {
  const json = argv.includes('--json')
  let code: number = exitCode.done
  try {
    const program = declare({
      cwd: process.cwd(),
      output,
      run: async (work) => {
        code = (await work()) ?? exitCode.done
      },
    })
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done
    const message = error instanceof Error ? error.message : String(error)
    if (json) output.json({ error: { message: message.replace(/^error: /, '') } })
    // Commander has written its own errors.
    if (error instanceof CommanderError) return exitCode.usage
    if (!(error instanceof CommandError)) throw error
    output.note(`error: ${message}`)
    return error.exitCode
  }
}

function declare(context: CommandContext): Command {
  const program = new Command('atlas')
    .description('Servlets: write, run, check.')
    .version(platformVersion)
    .exitOverride()
    .showHelpAfterError('(atlas --help lists the commands)')
    .configureHelp({ optionDescription, subcommandTerm })
  for (const [heading, commands] of Object.entries(commandGroups)) {
    program.commandsGroup(heading)
    for (const declareCommand of commands) declareCommand(program, context)
  }
  return program
}

/** A switch is off until it is given, which needs no saying. */
function optionDescription(this: Help, option: Option): string {
  return option.isBoolean() ? option.description : Help.prototype.optionDescription.call(this, option)
}

/** Nearly every command has options, which needs no saying either. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '...' : '')
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [command.name(), ...args].join(' ')
}
