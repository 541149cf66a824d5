import type { CatalogServlet, Environment } from '@atlas/manifest'

/** A servlet's configuration in an environment: the manifest's defaults, overridden by the environment's values. */
export function configIn(
  servlet: CatalogServlet,
  environment: Environment | undefined,
): Record<string, unknown> {
  return { ...servlet.manifest.config, ...environment?.config[servlet.name] }
}

/**
 * A servlet's secrets on this machine, from variables like `ATLAS_SECRET_FILES_SCAN_KEY`.
 *
 * @throws Error that names every missing variable
 */
export function secretsOf(
  servlet: CatalogServlet,
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const missing: string[] = []
  const secrets: Record<string, string> = {}
  for (const [name, description] of Object.entries(servlet.manifest.secrets)) {
    const variable = secretVariable(servlet.name, name)
    const value = variables[variable]
    if (value === undefined) missing.push(`${variable} (${description})`)
    else secrets[name] = value
  }
  if (missing.length > 0) throw new Error(`secrets are missing; set ${missing.join(', ')}`)
  return secrets
}

/** `files`, `scanKey` -> `ATLAS_SECRET_FILES_SCAN_KEY`. */
export function secretVariable(servlet: string, secret: string): string {
  const words = (text: string) => text.replace(/[A-Z]/g, '_$&').replace(/-/g, '_').toUpperCase()
  return `ATLAS_SECRET_${words(servlet)}_${words(secret)}`
}
