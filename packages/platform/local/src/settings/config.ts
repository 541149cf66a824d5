import { type CatalogServlet, type ConfigValue, configType, type Environment } from '@atlas/manifest'
import { configVariable } from '@atlas/manifest/variables'

/**
 * A servlet's configuration: the manifest's defaults, then the environment's values, then variables like
 * `ATLAS_CONFIG_FILES_QUOTA_MIB`, which are read as values of the default's type.
 *
 * @throws Error that names every variable that is not of that type
 */
export function configIn(
  servlet: CatalogServlet,
  environment: Environment | undefined,
  variables: Readonly<Record<string, string | undefined>> = {},
): Record<string, unknown> {
  const config: Record<string, ConfigValue> = {
    ...servlet.manifest.config,
    ...environment?.config[servlet.name],
  }
  const wrong: string[] = []
  for (const [name, value] of Object.entries(servlet.manifest.config)) {
    const variable = configVariable(servlet.name, name)
    const text = variables[variable]
    if (text === undefined) continue
    const type = configType(value)
    const given = readAs(text, type)
    if (given === undefined)
      wrong.push(`${variable} is no ${described[type]} (${JSON.stringify(value)} by default)`)
    else config[name] = given
  }
  if (wrong.length > 0) throw new Error(`${wrong.join('; ')}; correct or unset it`)
  return config
}

const described = {
  string: 'text',
  number: 'number',
  boolean: 'boolean, which is true or false',
  array: 'list in JSON, as in ["a"]',
  object: 'object in JSON, as in {"a":1}',
} as const

/** A variable's text as a value of a type; undefined where it is none. */
function readAs(text: string, type: keyof typeof described): ConfigValue | undefined {
  if (type === 'string') return text
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && configType(value as ConfigValue) === type ? (value as ConfigValue) : undefined
  } catch {
    return undefined
  }
}
