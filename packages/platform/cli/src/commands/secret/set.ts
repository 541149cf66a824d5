import { text } from 'node:stream/consumers'
import { changeSecrets } from '@atlas/local'
import { isCancel, password } from '@clack/prompts'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { declaredSecrets, secretCalled } from './declared.ts'

/** Options of `atlas secret set`. */
export interface SetSecretOptions {
  readonly cwd: string
  readonly name: string
  readonly environment: string
  readonly json: boolean
}

/**
 * `atlas secret set`: keeps a value in the environment's file. It is no argument, because those stay in the history of a
 * shell and are seen by everybody in the list of processes.
 */
export async function setSecret(
  { cwd, name, environment, json }: SetSecretOptions,
  output: Output,
): Promise<number> {
  const { file, secrets } = await declaredSecrets(cwd, environment)
  const { servlet, name: key, label, description } = secretCalled(name, secrets)
  const value = await askFor(label, description)
  await changeSecrets(file, (before) => ({
    ...before,
    [servlet]: { ...before[servlet], [key]: value },
  })).catch(refused)
  if (json) output.json({ secret: label, environment, file })
  else output.print(`${label} is set for ${environment}; servlets get it at their next start`)
  return exitCode.done
}

async function askFor(label: string, description: string): Promise<string> {
  if (process.stdin.isTTY) {
    const answer = await password({ message: `${label} (${description})` })
    if (isCancel(answer)) throw new CommandError('stopped; nothing was written')
    return checked(answer ?? '')
  }
  // What echo and files end with is not part of it.
  return checked((await text(process.stdin)).replace(/\r?\n$/, ''))
}

function checked(value: string): string {
  if (value !== '') return value
  throw new CommandError(
    'the value is empty; type it when asked, or give it on standard input: npx atlas secret set NAME < FILE',
    exitCode.usage,
  )
}

/** What is wrong with the file is a sentence already. */
export function refused(error: unknown): never {
  throw error instanceof Error && !('code' in error) ? new CommandError(error.message) : error
}
