import type { CatalogServlet, Environment } from '@atlas/manifest'
import { configIn } from './config.ts'
import { secretsOf } from './secrets.ts'
import { readSecrets, secretsFile } from './secrets-file.ts'

/** Where settings come from. */
export interface SettingsSources {
  /** The root of the workspace. */
  readonly root: string
  readonly environmentName: string
  readonly environment: Environment | undefined
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** What a servlet gets as `ctx.config` and `ctx.secrets`. */
export interface Settings {
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * A servlet's configuration and secrets on this machine.
 *
 * @throws Error whose message is one sentence: what is missing or wrong, and what to type
 */
export async function settingsOf(servlet: CatalogServlet, sources: SettingsSources): Promise<Settings> {
  const { root, environmentName, environment, variables } = sources
  const config = configIn(servlet, environment, variables)
  const hasSecrets = Object.keys(servlet.manifest.secrets).length > 0
  const kept = hasSecrets ? await readSecrets(secretsFile(root, environmentName)) : {}
  return { config, secrets: secretsOf(servlet, variables, kept, environmentName) }
}
