import { readFile } from 'node:fs/promises'
import { secretVariable, storeVariable } from '@atlas/manifest/variables'
import type { Variables } from './variables.ts'

/** What of a manifest a servlet is started with. */
export interface PodManifest {
  readonly config?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly stores?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>
}

/** Where a cluster puts the config of a servlet, unless `ATLAS_CONFIG_FILE` says another place. */
const configFile = '/etc/atlas/config.json'

/**
 * The config of a servlet: the manifest's values, and those of the environment's file over them.
 *
 * @throws Error when the file is not one JSON object, or when one that was named is not there
 */
export async function configOf(
  manifest: PodManifest,
  variables: Variables,
): Promise<Readonly<Record<string, unknown>>> {
  const file = variables.ATLAS_CONFIG_FILE ?? configFile
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && variables.ATLAS_CONFIG_FILE === undefined) return manifest.config ?? {}
    throw new Error(`the config ${file} cannot be read (${code}); mount it, or correct ATLAS_CONFIG_FILE`)
  }
  return { ...manifest.config, ...objectIn(text, file) }
}

function objectIn(text: string, file: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Error(`the config ${file} is no JSON object; write { "NAME": value }`)
}

/** The secrets of a servlet, from its variables. @throws Error that names every missing one */
export function secretsOf(
  servlet: string,
  manifest: PodManifest,
  variables: Variables,
): Readonly<Record<string, string>> {
  return valuesOf(servlet, Object.keys(manifest.secrets ?? {}), variables, secretVariable, 'secret')
}

/** Where the stores of a servlet are, from its variables. @throws Error that names every missing one */
export function placesOf(
  servlet: string,
  manifest: PodManifest,
  variables: Variables,
): Readonly<Record<string, string>> {
  return valuesOf(servlet, Object.keys(manifest.stores ?? {}), variables, storeVariable, 'store')
}

function valuesOf(
  servlet: string,
  names: readonly string[],
  variables: Variables,
  variableOf: (servlet: string, name: string) => string,
  what: string,
): Record<string, string> {
  const missing: string[] = []
  const values: Record<string, string> = {}
  for (const name of names) {
    const value = variables[variableOf(servlet, name)]
    if (value === undefined || value === '')
      missing.push(`${variableOf(servlet, name)} for the ${what} '${name}'`)
    else values[name] = value
  }
  if (missing.length > 0)
    throw new Error(
      `${servlet} cannot start without ${missing.join(' and ')}; give the pod ${missing.length === 1 ? 'that variable' : 'those variables'}`,
    )
  return values
}
