import { changeSecrets } from '@atlas/local'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { declaredSecrets, secretCalled } from './declared.ts'
import { refused, type SetSecretOptions } from './set.ts'

/** `atlas secret unset`: forgets a value. One that is not set is none already. */
export async function unsetSecret(options: SetSecretOptions, output: Output): Promise<number> {
  const { cwd, name, environment, json } = options
  const { file, secrets } = await declaredSecrets(cwd, environment)
  const { servlet, name: key, label } = secretCalled(name, secrets)
  let existed = false
  await changeSecrets(file, (before) => {
    const { [key]: value, ...rest } = before[servlet] ?? {}
    existed = value !== undefined
    return { ...before, [servlet]: rest }
  }).catch(refused)
  if (json) output.json({ secret: label, environment, existed })
  else output.print(existed ? `${label} is forgotten for ${environment}` : `${label} was not set`)
  return exitCode.done
}
