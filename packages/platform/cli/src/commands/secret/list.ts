import { readSecrets, secretVariable } from '@atlas/local'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { textTable } from '../../text-table.ts'
import { declaredSecrets } from './declared.ts'
import { refused } from './set.ts'

/** Options of `atlas secret list`. */
export interface ListSecretsOptions {
  readonly cwd: string
  readonly environment: string
  readonly json: boolean
}

/** `atlas secret list`: what servlets declare, and where its value comes from. */
export async function listSecrets(
  { cwd, environment, json }: ListSecretsOptions,
  output: Output,
): Promise<number> {
  const { file, secrets } = await declaredSecrets(cwd, environment)
  const kept = await readSecrets(file).catch(refused)
  const listed = secrets.map(({ servlet, name, description }) => {
    const variable = secretVariable(servlet, name)
    const inFile = kept[servlet]?.[name] !== undefined
    const source = process.env[variable] !== undefined ? 'variable' : inFile ? 'file' : null
    return { servlet, name, description, source, variable }
  })
  if (json) output.json({ environment, secrets: listed })
  else if (listed.length === 0) output.print('no servlet declares a secret')
  else
    for (const line of textTable(
      ['secret', 'value', 'what it is'].map((heading) => ({ heading })),
      listed.map(({ servlet, name, description, source, variable }) => [
        `${servlet}.${name}`,
        source === 'variable' ? `from ${variable}` : source === 'file' ? 'set' : 'missing',
        description,
      ]),
    ))
      output.print(line)
  return exitCode.done
}
