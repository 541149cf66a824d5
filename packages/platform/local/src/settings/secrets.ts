import type { CatalogServlet } from '@atlas/manifest'
import { secretVariable } from '@atlas/manifest/variables'
import type { Secrets } from './secrets-file.ts'

/**
 * A servlet's secrets on this machine: from variables like `ATLAS_SECRET_FILES_SCAN_KEY`, else from the environment's file.
 *
 * @throws Error that names every missing one, with the command to type
 */
export function secretsOf(
  servlet: CatalogServlet,
  variables: Readonly<Record<string, string | undefined>>,
  kept: Secrets = {},
  environment = 'local',
): Record<string, string> {
  const missing: string[] = []
  const secrets: Record<string, string> = {}
  for (const [name, description] of Object.entries(servlet.manifest.secrets)) {
    const value = variables[secretVariable(servlet.name, name)] ?? own(own(kept, servlet.name), name)
    if (value === undefined) missing.push(`${setCommand(servlet.name, name, environment)} (${description})`)
    else secrets[name] = value
  }
  if (missing.length > 0)
    throw new Error(
      `${missing.length === 1 ? 'a secret is' : 'secrets are'} missing; run ${missing.join(', and ')}`,
    )
  return secrets
}

/** What sets a secret. */
export function setCommand(servlet: string, secret: string, environment: string): string {
  return `npx atlas secret set ${servlet}.${secret}${environment === 'local' ? '' : ` --environment ${environment}`}`
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
