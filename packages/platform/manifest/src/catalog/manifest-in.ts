import type { Parsed } from '../finding.ts'
import { checkManifest } from '../parse-manifest.ts'
import type { Environment } from '../schema/environment.ts'
import type { ServletManifest, ServletManifestWritten } from '../schema/servlet.ts'

/**
 * A servlet's manifest as it holds in an environment: what the servlet says, then the environment's defaults, then the
 * platform's; of `config`, what the environment says comes first. Not ok when the two contradict each other, such as a
 * default minimum of replicas above the servlet's maximum.
 */
export function manifestIn(
  environment: Environment,
  servlet: { readonly name: string; readonly dir: string; readonly written: ServletManifestWritten },
): Parsed<ServletManifest> {
  const { config, ...rest } = servlet.written
  const merged = {
    ...beneath(rest, environment.defaults),
    config: { ...config, ...environment.config[servlet.name] },
  }
  return checkManifest('servlet', merged, `${servlet.dir}/servlet.json`)
}

/** Choices, written as a key: filled from both sides they would be two. */
const choices = new Set(['whenUndecided'])

/** Fills the gaps of `written` from `defaults`, through nested objects. */
function beneath(written: object, defaults: object): object {
  const filled: Record<string, unknown> = { ...defaults, ...written }
  for (const [key, value] of Object.entries(defaults)) {
    const own: unknown = (written as Record<string, unknown>)[key]
    if (isObject(own) && isObject(value) && !choices.has(key)) filled[key] = beneath(own, value)
  }
  return filled
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
