import { secretsFile } from '@atlas/local'
import { CommandError, exitCode } from '../../exit-code.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'

/** A secret that a servlet declares. */
export interface DeclaredSecret {
  readonly servlet: string
  readonly name: string
  readonly description: string
  /** `files.scanKey` */
  readonly label: string
}

/** The secrets of a workspace, and the file of an environment's. @throws CommandError where there is no such environment */
export async function declaredSecrets(
  cwd: string,
  environment: string,
): Promise<{ readonly file: string; readonly secrets: readonly DeclaredSecret[] }> {
  const { root, servlets, environments } = await readCatalog(cwd)
  mustBeOneOf('environment', environment, [...new Set(['local', ...Object.keys(environments)])])
  const secrets = servlets.flatMap(({ name: servlet, manifest }) =>
    Object.entries(manifest.secrets).map(([name, description]) => ({
      servlet,
      name,
      description,
      label: `${servlet}.${name}`,
    })),
  )
  return { file: secretsFile(root, environment), secrets }
}

/** The secret that a name means. @throws CommandError when it means none, or several */
export function secretCalled(name: string, secrets: readonly DeclaredSecret[]): DeclaredSecret {
  const matching = secrets.filter((secret) => name === secret.label || name === secret.name)
  if (matching.length > 1 && !name.includes('.'))
    throw new CommandError(
      `several servlets have a secret '${name}': ${matching.map(({ label }) => label).join(', ')}; say which`,
      exitCode.usage,
    )
  const labels = secrets.map(({ label }) => label)
  if (matching.length === 0) {
    const near = name.includes('.') ? labels : [...labels, ...secrets.map((secret) => secret.name)]
    mustBeOneOf('secret', name, near, 'declare it: "secrets": { "NAME": "what it is" } in a servlet.json')
  }
  return matching[0]!
}
