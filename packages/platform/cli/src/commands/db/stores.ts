import { AtlasError } from '@atlas/contract'
import { type DatabaseHost, databaseHost, type StoreName } from '@atlas/local'
import { CommandError, exitCode } from '../../exit-code.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'

/** Which databases a command is about. */
export interface PlaceOptions {
  readonly cwd: string
  readonly environment: string
  readonly namespace?: string
}

/** A Postgres store of the workspace. */
export interface PostgresStore extends StoreName {
  /** `links`, or `links.clicks` where the servlet has several. */
  readonly label: string
}

/**
 * Runs something with the databases of a workspace, and lets go of the server in the end.
 *
 * @throws CommandError where the environment or namespace has a wrong name, or the server cannot be used
 */
export async function withDatabases<T>(
  { cwd, environment, namespace }: PlaceOptions,
  run: (host: DatabaseHost, stores: readonly PostgresStore[]) => Promise<T>,
): Promise<T> {
  const { root, servlets, environments } = await readCatalog(cwd)
  mustBeOneOf('environment', environment, [...new Set(['local', ...Object.keys(environments)])])
  if (namespace !== undefined && !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(namespace))
    throw new CommandError(
      `'${namespace}' is not a namespace; use lower-case words joined by hyphens, as in feature-x`,
      exitCode.usage,
    )
  const stores = servlets.flatMap(({ name: servlet, dir, stores: kinds }) => {
    const own = Object.keys(kinds).filter((store) => kinds[store] === 'postgres')
    return own.map((store) => ({
      servlet,
      dir,
      store,
      label: own.length === 1 ? servlet : `${servlet}.${store}`,
    }))
  })
  const host = databaseHost({ root, environment, namespace, variables: process.env })
  try {
    return await run(host, stores)
  } catch (error) {
    throw commandErrorOf(error)
  } finally {
    await host.close()
  }
}

/**
 * The stores that `SERVLET` and `SERVLET.STORE` name.
 *
 * @throws CommandError with what was probably meant, when a name is of none
 */
export function namedStores(names: readonly string[], stores: readonly PostgresStore[]): PostgresStore[] {
  const found = names.flatMap((name) => {
    const matching = stores.filter(({ servlet, store }) => name === servlet || name === `${servlet}.${store}`)
    if (matching.length === 0) mustBeOneOf('Postgres store', name, labelsOf(stores), noStores)
    return matching
  })
  return [...new Set(found)]
}

/** What stores are called. */
export function labelsOf(stores: readonly PostgresStore[]): string[] {
  return stores.map(({ label }) => label)
}

/** What to do where no servlet has a database. */
export const noStores =
  'no servlet declares one: "stores": { "NAME": { "postgres": {} } } in its servlet.json'

/** What a person must read without a stack: migrations that are refused, a server that is away. */
function commandErrorOf(error: unknown): unknown {
  if (error instanceof CommandError) return error
  if (!(error instanceof Error)) return error
  if (error.name === 'MigrationError') return new CommandError(error.message)
  if (error.name === 'ServerError' || error instanceof AtlasError)
    return new CommandError(error.message, exitCode.outside)
  const { severity, code, detail, hint } = error as Partial<Record<string, unknown>> & Error
  if (severity === undefined) return new CommandError(error.message, exitCode.outside)
  const more = [detail, hint].filter((text) => typeof text === 'string').join('; ')
  return new CommandError(`${error.message}${more === '' ? '' : `; ${more}`} (${code})`)
}
