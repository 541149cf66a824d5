import type { CatalogServlet, Environment } from '@atlas/manifest'
import { type Settings, settingsOf } from './settings/settings.ts'
import type { StorePlans } from './stores/store-plan.ts'
import type { StoreProvider } from './stores/store-provider.ts'

/** What a servlet finds on this machine, as plain data: it may run in another process. */
export interface Prepared {
  readonly settings: Settings
  /** What is needed to open its stores. */
  readonly stores: StorePlans
}

/** What servlets are prepared with. */
export interface Surroundings {
  readonly root: string
  readonly environmentName: string
  readonly environment: Environment | undefined
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly provider: StoreProvider
}

/** Finds out what a servlet needs, and makes its stores. @throws Error whose message says what is missing */
export async function prepare(entry: CatalogServlet, surroundings: Surroundings): Promise<Prepared> {
  const settings = await settingsOf(entry, surroundings)
  return { settings, stores: await surroundings.provider.plan(entry) }
}
